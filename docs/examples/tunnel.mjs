// The smallest agent: serves one operation c8y_RemoteAccessConnect. See docs/connect-your-gateway.md.
import { connect } from 'node:net';
import { WebSocket, createWebSocketStream } from 'ws';

const { C8Y_BASEURL = '', DEVICE_USER = '', DEVICE_PASSWORD = '' } = process.env;
const authorization = `Basic ${Buffer.from(`${DEVICE_USER}:${DEVICE_PASSWORD}`).toString('base64')}`;

const { operations } = JSON.parse(process.argv[2] ?? '{}');
const { id, c8y_RemoteAccessConnect: request } = operations[0];
const { hostname, port, connectionKey } = request;

/** @param {object} change */
async function report(change) {
  await fetch(`${C8Y_BASEURL}/devicecontrol/operations/${id}`, {
    method: 'PUT',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify(change),
  });
}

const address = `${C8Y_BASEURL.replace(/^http/, 'ws')}/service/remoteaccess/device/${connectionKey}`;
const socket = new WebSocket(address, { headers: { authorization }, perMessageDeflate: false });
const relay = createWebSocketStream(socket);
const target = connect({ host: hostname, port });

let hasFailed = false;

/** @param {Error} error */
async function fail(error) {
  // Only the first error is the reason: destroying the other side may cause one too.
  if (hasFailed) return;
  hasFailed = true;
  relay.destroy();
  target.destroy();
  await report({ status: 'FAILED', failureReason: error.message });
  process.exitCode = 1;
}

relay.on('error', fail);
target.on('error', fail);
await Promise.all([
  new Promise(resolve => socket.once('open', resolve)),
  new Promise(resolve => target.once('connect', resolve)),
]);
relay.off('error', fail).on('error', () => target.destroy());
target.off('error', fail).on('error', () => relay.destroy());
await report({ status: 'SUCCESSFUL' });
relay.pipe(target).pipe(relay);
target.once('close', () => relay.destroy());
relay.once('close', () => target.destroy());
