import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import {
  requirePassword,
  HandshakeRunner,
  NODE_CRYPTOGRAPHY,
  serverInit,
} from '@remote-access/vnc';
import { panelPassword, type OperatingPanel } from './operating-panel';
import { PANEL_SIZE, PanelMachine } from './panel-machine';
import { PanelSession } from './panel-session';
import { PixelCanvas } from './pixel-canvas';
import { PixelFormat } from './pixel-format';

/** Frequent enough for a counter. */
const FRAME_MS = 200;

/** Time for a viewer to sign in. */
const HANDSHAKE_TIMEOUT_MS = 30_000;

/**
 * A VNC server for machines without one. It draws the front panel of a small machine with working
 * buttons, has one password, and listens on loopback.
 */
export async function startSmallVncServer(): Promise<OperatingPanel> {
  const password = panelPassword();
  const machine = new PanelMachine();
  const canvas = new PixelCanvas(PANEL_SIZE.width, PANEL_SIZE.height);
  const sessions = new Map<Socket, PanelSession>();
  const redraw = (): void => {
    machine.draw(canvas);
    for (const session of sessions.values()) session.update();
  };
  redraw();

  const serve = async (socket: Socket): Promise<void> => {
    const ended = (what: string): Error => new Error(`The viewer left before ${what}`);
    const options = { late: ended, ended };
    const entrance = new HandshakeRunner(socket, {
      ...options,
      timeoutMs: HANDSHAKE_TIMEOUT_MS,
    });
    await entrance.run(requirePassword(password, NODE_CRYPTOGRAPHY));
    await entrance.run(serverInit(PANEL_SIZE, PixelFormat.USUAL.bytes, 'Operating panel'));
    const session = new PanelSession(machine, canvas, socket, redraw);
    sessions.set(socket, session);
    await new HandshakeRunner(socket, options).run(session.messages());
  };
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, socket => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      open.delete(socket);
      sessions.delete(socket);
    });
    // A viewer that leaves or fails does not stop the panel.
    serve(socket).catch(() => socket.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const frames = setInterval(() => {
    machine.advance(FRAME_MS);
    redraw();
  }, FRAME_MS);
  return {
    kind: 'a small VNC server of our own',
    port: (server.address() as AddressInfo).port,
    password,
    stop: async () => {
      clearInterval(frames);
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, 'close');
    },
  };
}
