import type { LocalStack } from '@remote-access/testkit';
import { expect } from './test';

/** Adds the endpoint to the gateway with an agent. @returns its id */
export async function addVncEndpoint(
  stack: LocalStack,
  name: string,
  port: number,
  password?: string,
  options: { readonly viewOnly?: boolean } = {},
): Promise<string> {
  const credentials =
    password === undefined
      ? { credentialsType: 'NONE' }
      : { credentialsType: 'PASS_ONLY', password };
  const body = { name, hostname: '127.0.0.1', port, protocol: 'VNC', ...credentials, ...options };
  const path = '/service/remoteaccess/devices/1001/configurations';
  const response = await stack.fetch(path, 'engineer', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(201);
  return ((await response.json()) as { id: string }).id;
}
