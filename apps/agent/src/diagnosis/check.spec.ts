import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkAgent } from './check';

it.each([
  ['no time', undefined],
  ['a time that cannot be read', 'yesterday'],
])('takes the clock for right if the platform reports %s', async (_name, date) => {
  const platform = createServer((_request, response) => {
    response.sendDate = false;
    if (date !== undefined) response.setHeader('Date', date);
    response.end('{}');
  });
  platform.listen(0, '127.0.0.1');
  await once(platform, 'listening');
  const { port } = platform.address() as AddressInfo;
  const lines: string[] = [];
  const env = {
    C8Y_BASEURL: `http://127.0.0.1:${port}`,
    DEVICE_ID: '1',
    DEVICE_USER: 't/device_gw-1',
    DEVICE_PASSWORD: 'p',
  };
  await checkAgent(env, undefined, undefined, line => lines.push(line));
  platform.close();
  expect(lines).toContain('ok      clock: the platform did not report the time');
});
