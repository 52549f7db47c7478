import { once } from 'node:events';
import { connect } from 'node:net';
import { FRAGMENTS, type Operation } from '@remote-access/contracts/platform';
import { rsaAesSecurity, startScriptedVnc, type ScriptedVnc } from '@remote-access/testkit';
import { createWebSocketStream, WebSocket } from 'ws';
import type { SeparateStack } from '../fixtures/separate-stack';
import { basic } from '../fixtures/stack';

/** The far ends of the hostile gateway, by the endpoint's port. */
export const FAR_ENDS = {
  /** An SSH server that accepts the sign-in and then stops. */
  stoppedSsh: 22,
  /** Reads and sends nothing. */
  silent: 1,
  /** Sends as much as is accepted. */
  heavyOutput: 2,
  /** Text with a command after each character, and endless negotiation. */
  telnet: 23,
  /** Signs in with RSA-AES and then sends empty messages. */
  vnc: 5900,
  /** Operations that the gateway leaves alone. */
  unanswered: 9,
} as const;

const DEVICE = '1002';
const USER = 'device_gw-2';

const POLL_MS = 50;
const TURN_MS = 10;
const MAX_WAITING_BYTES = 1024 * 1024;

const HEAVY = Buffer.alloc(64 * 1024, 'output ');
/** `a IAC NOP`, and occasionally `IAC WILL 1 IAC WONT 1`. */
const TELNET = Buffer.concat(
  Array.from({ length: 200 }, () =>
    Buffer.concat([
      Buffer.alloc(96, Buffer.of(0x61, 255, 241)),
      Buffer.of(255, 251, 1, 255, 252, 1),
    ]),
  ),
);

/**
 * A gateway whose far ends do what they can to harm the service. It connects to the service
 * directly.
 */
export class HostileGateway {
  readonly device = DEVICE;
  sentBytes = 0;
  private readonly connections = new Map<WebSocket, number>();
  private readonly turns: NodeJS.Timeout;
  private isStopped = false;
  private readonly polling: Promise<void>;

  private constructor(
    private readonly stack: SeparateStack,
    private readonly sshPort: number,
    private readonly vnc: ScriptedVnc,
  ) {
    this.turns = setInterval(() => this.flood(), TURN_MS);
    this.polling = this.poll();
  }

  static async start(stack: SeparateStack, sshPort: number): Promise<HostileGateway> {
    return new HostileGateway(stack, sshPort, await startVncOfEmptyMessages());
  }

  /** The user who signs in to {@link FAR_ENDS.vnc}. */
  get vncUser() {
    return this.vnc.user;
  }

  /** Stops reading what is sent to the SSH server. */
  stopSsh(): void {
    for (const [socket, port] of this.connections) {
      if (port === FAR_ENDS.stoppedSsh) socket.pause();
    }
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.turns);
    await this.polling;
    for (const socket of this.connections.keys()) socket.terminate();
    await this.vnc.stop();
  }

  private flood(): void {
    for (const [socket, port] of this.connections) {
      const chunk =
        port === FAR_ENDS.heavyOutput ? HEAVY : port === FAR_ENDS.telnet ? TELNET : undefined;
      while (
        chunk &&
        socket.bufferedAmount < MAX_WAITING_BYTES &&
        socket.readyState === WebSocket.OPEN
      ) {
        socket.send(chunk);
        this.sentBytes += chunk.length;
      }
    }
  }

  private async poll(): Promise<void> {
    const seen = new Set<string>();
    while (!this.isStopped) {
      const path = `/devicecontrol/operations?deviceId=${DEVICE}&status=PENDING&pageSize=2000`;
      const { operations } = await this.stack.json<{ operations: Operation[] }>(path, {
        user: USER,
      });
      for (const operation of operations) {
        if (seen.has(operation.id)) continue;
        seen.add(operation.id);
        // The client may have left in the meantime.
        void this.serve(operation).catch(() => undefined);
      }
      await new Promise(resolve => setTimeout(resolve, POLL_MS));
    }
  }

  private async serve(operation: Operation): Promise<void> {
    const { connectionKey, port } = operation[FRAGMENTS.connect]!;
    if (port === FAR_ENDS.unanswered) return;
    await this.report(operation.id, 'EXECUTING');
    const url = `${this.stack.serviceUrl.replace(/^http/, 'ws')}/device/${connectionKey}`;
    const socket = new WebSocket(url, ['binary'], {
      headers: { authorization: basic(USER) },
      perMessageDeflate: false,
    });
    socket.on('error', () => undefined);
    socket.once('close', () => this.connections.delete(socket));
    if (port === FAR_ENDS.stoppedSsh) join(socket, this.sshPort);
    if (port === FAR_ENDS.vnc) join(socket, this.vnc.port);
    await once(socket, 'open');
    this.connections.set(socket, port);
    if (port === FAR_ENDS.silent) socket.pause();
    await this.report(operation.id, 'SUCCESSFUL');
  }

  private report(id: string, status: string): Promise<unknown> {
    const body = JSON.stringify({ status });
    return this.stack.json(`/devicecontrol/operations/${id}`, { method: 'PUT', user: USER, body });
  }
}

/** Joins the two like an agent. */
function join(socket: WebSocket, port: number): void {
  const near = createWebSocketStream(socket);
  const far = connect(port, '127.0.0.1');
  near.on('error', () => far.destroy());
  far.on('error', () => socket.terminate());
  near.pipe(far).pipe(near);
  near.once('close', () => far.destroy());
}

const MESSAGES_PER_TURN = 200;

function startVncOfEmptyMessages(): Promise<ScriptedVnc> {
  const honest = rsaAesSecurity({ type: 5 });
  return startScriptedVnc({
    version: '003.008',
    security: [
      {
        type: honest.type,
        check: async (peer, user) => {
          const isAccepted = await honest.check(peer, user);
          // Empty messages may appear between any others.
          const turns = setInterval(() => {
            if (peer.socket.writableLength > MAX_WAITING_BYTES) return;
            peer.socket.cork();
            for (let count = 0; count < MESSAGES_PER_TURN; count += 1) peer.send();
            peer.socket.uncork();
          }, TURN_MS);
          peer.socket.once('close', () => clearInterval(turns));
          return isAccepted;
        },
      },
    ],
  });
}
