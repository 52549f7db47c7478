import { LOOPBACK } from './loopback-ports.mjs';
import { Trouble } from './trouble.mjs';

/** What a newcomer clicks Connect on. */
const NAME = 'Gateway shell';

/**
 * Sees to it that the endpoint of the demo target is on the gateway. One from an earlier run is
 * brought up to date: the target has another port and other keys each time.
 *
 * @param {object} options
 * @param {string} options.serviceUrl the microservice, as clients reach it
 * @param {string} options.authorization of a user who may configure endpoints
 * @param {string} options.deviceId
 * @param {import('./stack.mjs').Target} options.target
 */
export async function putGatewayShell({ serviceUrl, authorization, deviceId, target }) {
  const url = `${serviceUrl}/devices/${deviceId}/configurations`;
  const endpoints = /** @type {{ id: string, name: string }[]} */ (
    await call('GET', url, authorization)
  );
  const earlier = endpoints.find(({ name }) => name === NAME);
  const body = {
    name: NAME,
    hostname: LOOPBACK,
    port: target.port,
    protocol: 'SSH',
    credentialsType: 'KEY_PAIR',
    username: target.userName,
    privateKey: target.privateKey,
    publicKey: target.publicKey,
    hostKey: target.hostKey,
  };
  if (earlier) await call('PUT', `${url}/${earlier.id}`, authorization, body);
  else await call('POST', url, authorization, body);
}

/**
 * @param {string} method
 * @param {string} url
 * @param {string} authorization
 * @param {object} [body]
 */
async function call(method, url, authorization, body) {
  const response = await fetch(url, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new Trouble(
      `The endpoint "${NAME}" could not be made: ${method} ${url} answered ${response.status} ${text}`,
    );
  }
  return text ? JSON.parse(text) : undefined;
}
