import type { NetworkSettings } from './network-route';

/**
 * The proxy for an address as the usual variables name it, in upper or lower case: `HTTPS_PROXY`,
 * `HTTP_PROXY` for an address without TLS, and `NO_PROXY`, a list separated by commas.
 *
 * @throws {TypeError} if the proxy is no URL
 */
export function proxyOf(url: string, env: NodeJS.ProcessEnv): NetworkSettings {
  const read = (name: string): string => env[name] || env[name.toLowerCase()] || '';
  const named = read(url.startsWith('https:') ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  if (named === '') return {};
  const proxy = /^[a-z][a-z0-9+.-]*:\/\//i.test(named) ? named : `http://${named}`;
  const { protocol } = new URL(proxy);
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new TypeError('only proxies with http: and https: are supported');
  }
  const noProxy = read('NO_PROXY')
    .split(',')
    .map(entry => entry.trim())
    .filter(Boolean);
  return { proxy, noProxy };
}
