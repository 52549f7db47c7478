/** @typedef {import('./platform.mjs').Platform} Platform */

/** Secrets that must be entered again, by sign-in method. */
const SECRETS = {
  NONE: [],
  PASS_ONLY: ['password'],
  USER_PASS: ['password'],
  KEY_PAIR: ['private key'],
  CERTIFICATE: ['private key'],
};

/**
 * Reports what this product takes over from the vendor's service, as Markdown. Changes nothing.
 *
 * @param {Platform} platform
 */
export async function migrationReport(platform) {
  const devices = await platform.list(
    'Reading the gateways',
    '/inventory/managedObjects?fragmentType=c8y_RemoteAccessList',
    'managedObjects',
  );
  const rows = devices.flatMap(device => rowsOf(device));
  if (rows.length === 0) return 'No gateway of this tenant has remote access endpoints.';
  const again = rows.filter(({ secrets }) => secrets !== '').length;
  return [
    `${rows.length} endpoints on ${devices.length} gateways stay where they are.`,
    again === 0
      ? 'None of them has a secret.'
      : `In ${again} of them a secret has to be entered again, because only the service that sealed it can open it.`,
    '',
    '| gateway | endpoint | protocol | enter again |',
    '| --- | --- | --- | --- |',
    ...rows.map(
      ({ gateway, name, protocol, secrets }) =>
        `| ${gateway} | ${name} | ${protocol} | ${secrets} |`,
    ),
  ].join('\n');
}

/** @param {any} device */
function rowsOf(device) {
  const list = Array.isArray(device.c8y_RemoteAccessList) ? device.c8y_RemoteAccessList : [];
  return list
    .filter((/** @type {any} */ endpoint) => typeof endpoint === 'object' && endpoint !== null)
    .map((/** @type {any} */ endpoint) => {
      const type = String(endpoint.credentials?.type ?? 'NONE');
      const secrets = SECRETS[/** @type {keyof typeof SECRETS} */ (type)] ?? ['password'];
      return {
        gateway: cell(`${device.name} (${device.id})`),
        name: cell(endpoint.name),
        protocol: cell(endpoint.protocol),
        // Secrets that this product has already sealed remain valid.
        secrets: endpoint.mac === undefined ? secrets.join(', ') : '',
      };
    });
}

/**
 * Names come from devices: keeps one line, without anything that ends a cell or controls a
 * terminal.
 *
 * @param {unknown} text
 */
function cell(text) {
  return String(text ?? '')
    .replace(/[\p{Cc}\p{Cf}]/gu, ' ')
    .replaceAll('|', '\\|');
}
