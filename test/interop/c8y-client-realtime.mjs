// Follows the operations of a device with @c8y/client's real time, which consists of ES modules and
// therefore cannot be loaded by the tests. Arguments: URL, password, device, channel. Prints what
// it receives.
import { BasicAuth, Client } from '@c8y/client';

const [url, password, device] = process.argv.slice(2);
const client = new Client(new BasicAuth({ tenant: 't1001', user: 'admin', password }), url);
client.core.tenant = 't1001';
const { realtime } = client;
realtime.addHandshakeListener(({ successful }) => console.log(`handshake ${successful}`));
const subscription = realtime.subscribe(`/operations/${device}`, ({ data }) =>
  console.log(`${data.realtimeAction} ${data.data.status}`),
);
process.on('message', () => {
  realtime.unsubscribe(subscription);
  realtime.disconnect(() => process.exit(0));
});
