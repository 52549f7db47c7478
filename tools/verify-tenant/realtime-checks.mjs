import { describe, judge, notAllowed } from './verdict.mjs';

const SOURCE = 'documentation of the platform, real-time notifications (Bayeux)';

/** @type {import('./verdict.mjs').Check[]} */
export const REALTIME_CHECKS = [
  ...['realtime', 'operations'].map(channel => ({
    name: `handshake-at-${channel}`,
    source: SOURCE,
    expected: `a handshake at /notification/${channel} gives a client id and long-polling`,
    /** @param {import('./tenant.mjs').Tenant} tenant */
    async look(tenant) {
      const answer = await handshake(tenant, channel);
      const { successful, clientId, supportedConnectionTypes = [], advice } = first(answer);
      tenant.redaction.hideSecret('client id', clientId);
      if (clientId) await send(tenant, channel, { channel: '/meta/disconnect', clientId });
      return (
        notAllowed(answer) ??
        judge(
          successful === true && supportedConnectionTypes.includes('long-polling'),
          `${answer.status}, ${supportedConnectionTypes.join(' ')}, advice ${adviceText(advice)}`,
        )
      );
    },
  })),
  {
    name: 'connect-and-advice',
    source: SOURCE,
    expected: 'a connect with timeout 0 is answered at once and advises to retry',
    async look(tenant) {
      const { clientId } = first(await handshake(tenant, 'realtime'));
      tenant.redaction.hideSecret('client id', clientId);
      const connect = { channel: '/meta/connect', clientId, connectionType: 'long-polling' };
      const answer = await send(tenant, 'realtime', { ...connect, advice: { timeout: 0 } });
      const { successful, advice } = first(answer);
      await send(tenant, 'realtime', { channel: '/meta/disconnect', clientId });
      return judge(
        successful === true && (advice?.reconnect ?? 'retry') === 'retry',
        `${answer.status}, advice ${adviceText(advice)}`,
      );
    },
  },
  {
    name: 'unknown-client',
    source: 'Bayeux specification',
    expected: 'a connect with an unknown client id is refused and advises a handshake',
    async look(tenant) {
      const message = { channel: '/meta/connect', clientId: 'x1', connectionType: 'long-polling' };
      const { successful, error, advice } = first(await send(tenant, 'realtime', message));
      return judge(
        successful === false && advice?.reconnect === 'handshake',
        `${String(error).split(':', 1)[0]}, advice ${adviceText(advice)}`,
      );
    },
  },
  {
    name: 'realtime-over-websocket',
    source: SOURCE,
    expected: 'an upgrade at /notification/realtime is accepted',
    async look(tenant) {
      const answer = await tenant.upgrade('/notification/realtime');
      return judge(answer.status === 101, describe(answer));
    },
  },
];

/**
 * @param {import('./tenant.mjs').Tenant} tenant
 * @param {string} channel
 */
function handshake(tenant, channel) {
  return send(tenant, channel, {
    channel: '/meta/handshake',
    version: '1.0',
    supportedConnectionTypes: ['long-polling'],
  });
}

/**
 * @param {import('./tenant.mjs').Tenant} tenant
 * @param {string} channel
 * @param {object} message
 */
function send(tenant, channel, message) {
  return tenant.call('POST', `/notification/${channel}`, { body: [{ id: '1', ...message }] });
}

/** @param {import('./tenant.mjs').Answer} answer */
function first({ json }) {
  return (Array.isArray(json) ? json[0] : json) ?? {};
}

/** @param {any} advice */
function adviceText(advice) {
  if (!advice) return 'none';
  const { reconnect, interval, timeout } = advice;
  return `reconnect ${reconnect}, interval ${interval}, timeout ${timeout}`;
}
