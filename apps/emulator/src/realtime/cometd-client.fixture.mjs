// A subscriber with the client library of the CometD project: node cometd-client.fixture.mjs PORT TRANSPORT
import { CometD } from 'cometd';
import { adapt } from 'cometd-nodejs-client';

const [port, transport] = process.argv.slice(2);
adapt();
const client = new CometD();
client.configure({ url: `http://127.0.0.1:${port}/notification/realtime`, logLevel: 'warn' });
for (const other of ['websocket', 'long-polling', 'callback-polling']) {
  if (other !== transport) client.unregisterTransport(other);
}
const token = Buffer.from('operator:remote-access').toString('base64');
client.handshake({ ext: { 'com.cumulocity.authn': { token } } }, handshake => {
  if (!handshake.successful) throw new Error(JSON.stringify(handshake));
  client.subscribe('/operations/1001', onOperation, subscribed => {
    if (!subscribed.successful) throw new Error(JSON.stringify(subscribed));
    console.log('subscribed');
  });
});

function onOperation({ data: { realtimeAction, data } }) {
  console.log(realtimeAction, data.description);
  if (data.description === 'second') client.disconnect(() => console.log('disconnected'));
}
