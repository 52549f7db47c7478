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

/** As smooth as a counter on a panel is. */
const FRAME_MS = 200;

/** A viewer has this long to sign in. */
const HANDSHAKE_TIMEOUT_MS = 30_000;

/**
 * A VNC server for machines without one: the front panel of a small machine, drawn by hand, whose
 * buttons do what they say. Loopback only, one password.
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
    const session = new PanelSession(machine, canvas, bytes => socket.write(bytes), redraw);
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
    // Viewers leave as they like; the panel stays.
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
