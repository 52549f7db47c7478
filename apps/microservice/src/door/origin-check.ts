import type { IncomingMessage } from 'node:http';
import { type Refusal, RemoteAccessError } from '@remote-access/contracts';
import { publicOrigin } from '../access/forwarded';
import type { Settings } from '../settings/settings';

export type OriginSettings = Pick<Settings, 'trustedProxies' | 'allowedOrigins'>;

/**
 * Which page asks for a WebSocket. Browsers let any page open one anywhere, with cookies, and only
 * tell which page it was: an `Origin` that is present must be our own or a configured one, to the
 * letter. Programs send none; they prove who they are by other means than a cookie alone.
 *
 * @returns the origin, our own where the header is absent; `foreign-origin`
 */
export function originOf(request: IncomingMessage, settings: OriginSettings): string | Refusal {
  const own = publicOrigin(request, settings);
  const { origin } = request.headers;
  if (origin === undefined) return own;
  const allowed = own === 'null' ? settings.allowedOrigins : [own, ...settings.allowedOrigins];
  return allowed.includes(origin) ? origin : new RemoteAccessError('foreign-origin');
}
