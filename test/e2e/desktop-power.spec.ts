import type { Socket } from 'node:net';
import { tcpTarget, uint32, VncPeer } from '@remote-access/testkit';
import { expect, test } from './test';
import { addVncEndpoint } from './vnc-endpoint';

const [WIDTH, HEIGHT] = [64, 48];

/** The XVP extension of RFB: message type, version and action codes. */
const XVP = { message: 250, version: 1, init: 1, shutdown: 2, reboot: 3 };

test('a machine whose server supports it is restarted and shut down after confirmation', async ({
  page,
  stack,
  signIn,
}) => {
  const asked: number[] = [];
  const server = await tcpTarget(socket => void serve(socket, action => asked.push(action)));
  await signIn('engineer');
  const id = await addVncEndpoint(stack, 'Hypervisor', server.port);
  await page.goto(`/apps/devicemanagement/index.html#/device/1001/remote-access/${id}`);
  const power = page.getByRole('button', { name: 'Power', exact: true });
  const panel = page.getByRole('group', { name: 'Power' });
  const choose = async (label: string): Promise<void> => {
    await power.click();
    await panel.getByRole('button', { name: label }).click();
  };

  await choose('Shut down');
  await expect(panel.getByRole('alert')).toContainText('Shut down the machine?');
  await panel.getByRole('button', { name: 'Cancel' }).click();
  await power.click();
  await choose('Restart');
  await panel.getByRole('button', { name: 'Restart' }).click();
  await expect.poll(() => asked).toEqual([XVP.reboot]);
  await choose('Shut down');
  await panel.getByRole('button', { name: 'Shut down' }).click();
  await expect.poll(() => asked).toEqual([XVP.reboot, XVP.shutdown]);
  await server.stop();
});

/** An RFB 3.8 server with XVP and a black screen, without sign-in. */
async function serve(socket: Socket, onPower: (action: number) => void): Promise<void> {
  const peer = new VncPeer(socket);
  peer.send('RFB 003.008\n');
  await peer.take(12);
  peer.send([1, 1]);
  await peer.take(1);
  peer.send(uint32(0));
  await peer.take(1);
  const name = 'Hypervisor';
  const format = [32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0];
  peer.send([0, WIDTH, 0, HEIGHT, ...format, ...uint32(name.length)]);
  peer.send(name);
  // The client first announces XVP support and requests a picture.
  await new Promise(resolve => socket.once('data', resolve));
  peer.send([XVP.message, 0, XVP.version, XVP.init]);
  const black = new Array<number>(WIDTH * HEIGHT * 4).fill(0);
  peer.send([0, 0, 0, 1, 0, 0, 0, 0, 0, WIDTH, 0, HEIGHT, ...uint32(0), ...black]);
  socket.on('data', (bytes: Buffer) => {
    const at = bytes.indexOf(Buffer.of(XVP.message, 0, XVP.version));
    if (at >= 0) onPower(bytes[at + 3]!);
  });
}
