import { UpgradeRoute } from './route';

describe('the path of a route', () => {
  const route = new UpgradeRoute('/client/:deviceId/configurations/:configId');

  it('yields its parameters', () => {
    expect(route.match('/client/1001/configurations/a-b_2')).toEqual({
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
    expect(route.match(path)).toBeUndefined();
  });
});
