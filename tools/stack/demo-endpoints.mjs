import { CliError } from '../cli-error.mjs';
import { LOOPBACK } from './loopback-ports.mjs';

/**
 * The endpoints of a new stack, as request bodies of the API.
 *
 * @param {object} targets
 * @param {import('./stack.mjs').Target} targets.target
 * @param {import('./stack.mjs').Panel} targets.panel
 * @param {import('./stack.mjs').Controller} targets.controller
 */
export function demoEndpoints({ target, panel, controller }) {
  return [
    {
      name: 'Gateway shell',
      hostname: LOOPBACK,
      port: target.port,
      protocol: 'SSH',
      credentialsType: 'KEY_PAIR',
      username: target.userName,
      privateKey: target.privateKey,
      publicKey: target.publicKey,
      hostKey: target.hostKey,
    },
    {
      name: 'Operating panel',
      hostname: LOOPBACK,
      port: panel.port,
      protocol: 'VNC',
      credentialsType: 'PASS_ONLY',
      password: panel.password,
    },
    { name: 'Old controller', hostname: LOOPBACK, port: controller.port, protocol: 'TELNET' },
  ];
}

/**
 * Creates an endpoint on the gateway, or updates the one of that name from an earlier run: targets
 * have different ports and keys each time.
 *
 * @param {object} options
 * @param {string} options.serviceUrl the microservice, as clients reach it
 * @param {string} options.authorization of a user who may configure endpoints
 * @param {string} options.deviceId
 * @param {{ name: string }} options.body
 */
export async function putEndpoint({ serviceUrl, authorization, deviceId, body }) {
  const url = `${serviceUrl}/devices/${deviceId}/configurations`;
  const endpoints = /** @type {{ id: string, name: string }[]} */ (
    await call(body.name, 'GET', url, authorization)
  );
  const earlier = endpoints.find(({ name }) => name === body.name);
  if (earlier) await call(body.name, 'PUT', `${url}/${earlier.id}`, authorization, body);
  else await call(body.name, 'POST', url, authorization, body);
}

/**
 * @param {string} name
 * @param {string} method
 * @param {string} url
 * @param {string} authorization
 * @param {object} [body]
 */
async function call(name, method, url, authorization, body) {
  const response = await fetch(url, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new CliError(
      `The endpoint "${name}" could not be created: ${method} ${url} answered ${response.status} ${text}`,
    );
  }
  return text ? JSON.parse(text) : undefined;
}
