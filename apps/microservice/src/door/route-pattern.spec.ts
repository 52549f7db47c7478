import { RoutePattern } from './route-pattern';

describe('a route pattern', () => {
  const pattern = new RoutePattern('/client/:deviceId/configurations/:configId');

  it('gives the parameters of its path', () => {
    expect(pattern.match('/client/1001/configurations/a-b_2')).toEqual({
      deviceId: '1001',
      configId: 'a-b_2',
    });
  });

  it.each([
    '/client/1001/configurations/1/',
    '/Client/1001/configurations/1',
    '/client/1001/configurations/',
    '/client//configurations/1',
    '/client/10%2f01/configurations/1',
    '/client/../configurations/1',
    '//client/1001/configurations/1',
    '/client/1001/configurations/1\n',
    `/client/${'1'.repeat(129)}/configurations/1`,
    '',
  ])('does not match %j', path => {
    expect(pattern.match(path)).toBeUndefined();
  });
});
