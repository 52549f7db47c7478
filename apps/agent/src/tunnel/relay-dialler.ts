import type { Agent as HttpAgent, IncomingMessage } from 'node:http';
import { CLOSE_CODES, closeReason } from '@remote-access/contracts';
import { certificateProblem } from '@remote-access/network';
import { type FramedConnection, openWebSocket, UpgradeRefused } from '@remote-access/relay';
import { startHeartbeat, TextFrameError, WebSocketDuplex } from '@remote-access/streams';
import { matchProposal, YAMUX_PROPOSAL } from '@remote-access/yamux';
import type { PlatformAccess } from '../platform/platform-access';
import type { Dialled } from '../targets/target-dialler';

const DIAL_TIMEOUT_MS = 10_000;

/** The subprotocol that other agents offer, if they offer any. */
const SUBPROTOCOL = 'binary';

/** The service sends at most 16 KiB per message; older versions as much as a client sent in one. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

/** Longer responses are not error bodies. */
const MAX_REFUSAL_BYTES = 16 * 1024;

/** Less than the minute after which proxies drop an idle connection. */
const PING_PERIOD_MS = 30_000;

/** The WebSocket to the remote access service, one per tunnel. */
export class Relay {
  private refusal = '';

  constructor(
    readonly socket: FramedConnection,
    /** The tunnel's bytes. */
    readonly stream = new ClientStream(socket, { closeCode: () => this.closeCode() }),
  ) {
    // The user of the stream reports errors. Until there is one, only the end matters.
    this.stream.on('error', () => undefined);
  }

  /** Closes with a reason that the service may show to the user. */
  refuse(reason: string): void {
    this.refusal = reason;
    this.stream.destroy();
  }

  /**
   * Terminates the connection if the service no longer answers.
   * @returns a function that stops the check
   */
  keepAlive(periodMs = PING_PERIOD_MS): () => void {
    return startHeartbeat(this.stream, {
      periodMs,
      maxUnanswered: 1,
      expectsPong: true,
      pings: 'always',
      onDead: () => this.socket.terminate(),
    });
  }

  private closeCode(): { code: number; reason: string } {
    if (this.stream.errored instanceof TextFrameError) {
      return { code: CLOSE_CODES.unsupportedData, reason: 'text frame' };
    }
    const code = this.refusal === '' ? CLOSE_CODES.normal : CLOSE_CODES.internal;
    return { code, reason: closeReason(this.refusal) };
  }
}

/** Opens WebSockets to the remote access service. */
export class RelayDialler {
  private readonly base: string;
  private readonly agent: HttpAgent;

  constructor(
    private readonly access: PlatformAccess,
    private readonly timeoutMs = DIAL_TIMEOUT_MS,
  ) {
    const origin = access.baseUrl.replace(/\/+$/, '');
    this.agent = access.route.httpAgent(origin.startsWith('https:'), { noDelay: true });
    this.base = `${origin}/service/remoteaccess/device/`;
  }

  /**
   * @param connectionKey contains only characters that are safe in a path
   * @param signal aborts the attempt; a connection that is established too late is closed
   */
  async dial(connectionKey: string, signal: AbortSignal): Promise<Dialled<Relay>> {
    let authorization: string;
    try {
      authorization = await this.access.authorization();
    } catch (cause) {
      return { refusal: `remote access service could not be called: ${(cause as Error).message}` };
    }
    return this.open(connectionKey, authorization, signal);
  }

  private async open(
    connectionKey: string,
    authorization: string,
    signal: AbortSignal,
  ): Promise<Dialled<Relay>> {
    try {
      const connection = await openWebSocket(
        {
          url: this.base + connectionKey,
          protocols: [SUBPROTOCOL],
          agent: this.agent,
          headers: { Authorization: authorization },
          timeoutMs: this.timeoutMs,
          maxMessageBytes: MAX_MESSAGE_BYTES,
          masksInPlace: true,
          signal,
        },
        // Created synchronously, because bytes may arrive together with the response to the
        // upgrade.
        socket => new Relay(socket),
      );
      return { connection };
    } catch (cause) {
      const reason =
        cause instanceof UpgradeRefused
          ? `refused the tunnel: ${await reasonOf(cause.answer)}`
          : `could not be reached: ${describe(cause as Error)}`;
      return { refusal: `remote access service ${reason}` };
    }
  }
}

/** `404 The connection key is unknown …`, or only the status line. */
async function reasonOf(answer: IncomingMessage): Promise<string> {
  const status = `${answer.statusCode} ${answer.statusMessage}`;
  let content = '';
  try {
    for await (const chunk of answer.setEncoding('utf8')) {
      content += chunk as string;
      if (content.length > MAX_REFUSAL_BYTES) return status;
    }
    const { message } = JSON.parse(content) as { message?: unknown };
    return typeof message === 'string' ? `${answer.statusCode} ${message}` : status;
  } catch {
    return status;
  }
}

function describe(cause: Error): string {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return 'connection refused';
  const problem = certificateProblem(cause);
  return problem === undefined ? cause.message : `it ${problem}`;
}

/** How long the rest of a proposal may take. Clients send it in one piece. */
const REST_TIMEOUT_MS = 1_000;

/**
 * The bytes of a session's client. If they begin with a proposal to use many streams, it is
 * removed; anything else passes unchanged, as soon as it differs from a proposal.
 */
export class ClientStream extends WebSocketDuplex {
  private readonly proposed = new AbortController();
  private held: Buffer | undefined = Buffer.alloc(0);
  private timer: NodeJS.Timeout | undefined;

  /**
   * Aborted when the client has proposed many streams, before anything after the proposal is read.
   */
  get proposal(): AbortSignal {
    return this.proposed.signal;
  }

  protected override get mayPassOn(): boolean {
    return this.held === undefined && super.mayPassOn;
  }

  override push(chunk: Buffer | null): boolean {
    if (this.held === undefined) return super.push(chunk);
    if (chunk === null) {
      this.release();
      return super.push(null);
    }
    const bytes = Buffer.concat([this.held, chunk]);
    this.held = bytes;
    switch (matchProposal(bytes)) {
      case 'part':
        this.timer ??= setTimeout(() => this.release(), REST_TIMEOUT_MS);
        return true;
      case 'other':
        return this.release();
      case 'whole':
        this.held = bytes.subarray(YAMUX_PROPOSAL.length);
        this.proposed.abort();
        return this.release();
    }
  }

  override _destroy(cause: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.timer);
    super._destroy(cause, done);
  }

  private release(): boolean {
    const { held } = this;
    clearTimeout(this.timer);
    this.held = undefined;
    return held?.length && !this.destroyed ? super.push(held) : true;
  }
}
