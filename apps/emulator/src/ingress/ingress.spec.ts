import { microservicePath } from './ingress';

const strip = (target: string): string | undefined => microservicePath(target, 'remoteaccess');

describe('microservicePath', () => {
  it.each([
    ['/service/remoteaccess/health', '/health'],
    ['/service/remoteaccess', '/'],
    ['/service/remoteaccess/', '/'],
    ['/service/remoteaccess?a=1', '/?a=1'],
    ['/service/remoteaccess/a%20b//c%2Fd/?x=../..&y=%2e%2e/', '/a%20b//c%2Fd/?x=../..&y=%2e%2e/'],
    ['/service/remoteaccess/..a/b..', '/..a/b..'],
    ['/service/remoteaccess//other.example/', '//other.example/'],
  ])('strips the prefix of %s and leaves the rest unchanged', (target, path) => {
    expect(strip(target)).toBe(path);
  });

  it.each([
    '/service/remoteaccess/../other/health',
    '/service/remoteaccess/a/..',
    '/service/remoteaccess/a/.',
    '/service/remoteaccess/%2e%2E/other',
    '/service/remoteaccess/.%2e/other',
    '/service/remoteaccess/a%2f..%2fother',
    '/service/remoteaccess/a%5C..%5cother',
    '/service/remoteaccess\\..\\other',
    '/service/remoteaccess%2f..%2fother',
    '/service/other/../remoteaccess/health',
    '/service/remoteaccess2/health',
    '/service//remoteaccess/health',
    '//service/remoteaccess/health',
    '/SERVICE/RemoteAccess/health',
    'http://other.example/service/remoteaccess/health',
    '*',
    '',
  ])('does not match %s', target => {
    expect(strip(target)).toBeUndefined();
  });
});
