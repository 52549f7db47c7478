import { Trouble } from './trouble.mjs';

/**
 * Sees to it that an endpoint is on the gateway. One of the same name from an earlier run is brought
 * up to date: targets have other ports and other keys each time.
 *
 * @param {object} options
 * @param {string} options.serviceUrl the microservice, as clients reach it
 * @param {string} options.authorization of a user who may configure endpoints
 * @param {string} options.deviceId
 * @param {{ name: string }} options.body flat, as the API takes it
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
    throw new Trouble(
      `The endpoint "${name}" could not be made: ${method} ${url} answered ${response.status} ${text}`,
    );
  }
  return text ? JSON.parse(text) : undefined;
}
