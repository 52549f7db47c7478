// Follows the operations of a device with @c8y/client's real time, which is made of ES modules and so
// cannot be loaded by the tests. Arguments: URL, password, device, channel. Prints what it is told.
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
