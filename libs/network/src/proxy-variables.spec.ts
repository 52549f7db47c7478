import { proxyOf } from './network-route';

it.each<[string, NodeJS.ProcessEnv, object]>([
  ['https://a.test', {}, {}],
  ['https://a.test', { HTTPS_PROXY: '' }, {}],
  ['https://a.test', { HTTP_PROXY: 'http://p:1' }, {}],
  ['https://a.test', { HTTPS_PROXY: 'http://u:p@p:1' }, { proxy: 'http://u:p@p:1', noProxy: [] }],
  ['https://a.test', { https_proxy: 'p:3128' }, { proxy: 'http://p:3128', noProxy: [] }],
  [
    'http://a.test',
    { http_proxy: 'https://p', no_proxy: 'a.test, .b.test,,' },
    { proxy: 'https://p', noProxy: ['a.test', '.b.test'] },
  ],
])('%s with %j', (url, env, expected) => {
  expect(proxyOf(url, env)).toEqual(expected);
});

it.each(['socks5://p:1080', 'http://', 'http://a b'])('refuses %s', proxy => {
  expect(() => proxyOf('https://a.test', { HTTPS_PROXY: proxy })).toThrow();
});
