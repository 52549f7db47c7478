import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { checkServerIdentity } from 'node:tls';
import { RemoteAccessError } from '@remote-access/contracts';
import { withDeadline } from '@remote-access/streams';
import type { MemoryBudget } from '../memory/memory-budget';
import type { Membership, ReplicaAddress } from './membership';
import { ASK_PATH, CALLER_HEADER, FORWARD_PATH } from './peer-server';
import { watchPeer } from './peer-watch';
import { STREAM_WINDOW_BYTES, StreamSocket } from './stream-socket';
import { nameOfReplica, type ReplicaIdentity } from './replica-identity';

/** Within a data centre a connection takes milliseconds. */
const CONNECT_TIMEOUT_MS = 3_000;

/** How long a replica may take to answer a ping, with the time to connect. */
const PING_TIMEOUT_MS = 2_000;

/** One connection to each other replica, opened when first needed. */
export class PeerLinks {
  private readonly links = new Map<string, Promise<ClientHttp2Session>>();
  private streams = 0;
  private whenIdle: () => void = () => undefined;

  constructor(
    private readonly identity: ReplicaIdentity,
    private readonly membership: Pick<Membership, 'find'>,
    private readonly memory: MemoryBudget,
  ) {}

  /** The number of sessions forwarded to other replicas. */
  get streamCount(): number {
    return this.streams;
  }

  /** @throws RemoteAccessError `cluster-unavailable` */
  async forward(replica: string, callerAddress: string): Promise<Duplex> {
    const headers = { ':path': FORWARD_PATH, [CALLER_HEADER]: callerAddress };
    // Before the caller, or the ingress, gives up.
    const stream = await withDeadline(
      this.open(replica, headers),
      CONNECT_TIMEOUT_MS,
      unreachable,
      late => late.destroy(),
    );
    this.streams += 1;
    stream.once('close', () => {
      this.streams -= 1;
      if (this.streams === 0) this.whenIdle();
    });
    return new StreamSocket(stream, callerAddress, this.memory);
  }

  /**
   * @param timeoutMs how long the answer may take
   * @throws RemoteAccessError `cluster-unavailable`
   */
  async ask(
    replica: string,
    topic: string,
    question: unknown,
    timeoutMs: number,
  ): Promise<unknown> {
    let stream: ClientHttp2Stream | undefined;
    const answer = async (): Promise<unknown> => {
      stream = await this.open(replica, { ':path': ASK_PATH + topic }, JSON.stringify(question));
      const body = await text(stream);
      return JSON.parse(body) as unknown;
    };
    try {
      return await withDeadline(answer(), timeoutMs, () => unreachable());
    } catch (cause) {
      stream?.destroy();
      throw cause instanceof RemoteAccessError ? cause : unreachable(cause);
    }
  }

  /** Whether the process with this id answers at this address. */
  async answers(replica: ReplicaAddress): Promise<boolean> {
    const pinged = async (): Promise<boolean> => {
      const session = await this.linkTo(replica);
      return new Promise(resolve => {
        if (session.closed || session.destroyed) resolve(false);
        // If the connection is lost, the callback gets an error.
        else session.ping(error => resolve(!error));
      });
    };
    return withDeadline(pinged(), PING_TIMEOUT_MS, unreachable).catch(() => false);
  }

  /** Resolves when no session is forwarded any more, or after the grace period. */
  async drain(graceMs: number): Promise<void> {
    if (this.streams === 0) return;
    const idle = new Promise<void>(resolve => (this.whenIdle = resolve));
    await withDeadline(idle, graceMs, unreachable).catch(() => undefined);
  }

  stop(): void {
    for (const link of this.links.values()) {
      link.then(session => session.destroy()).catch(() => undefined);
    }
  }

  /** Resolves once the peer has responded with 200. */
  private async open(
    replica: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<ClientHttp2Stream> {
    const session = await this.link(replica);
    // The call throws on a connection that is ending.
    if (session.closed || session.destroyed) throw unreachable();
    const stream = session.request({ ':method': 'POST', ...headers }, { endStream: false });
    // The user of the stream handles its close.
    stream.on('error', () => undefined);
    if (body !== undefined) stream.end(body);
    const answered = once(stream, 'response') as Promise<[Record<string, unknown>]>;
    const closed = once(stream, 'close').then(() => {
      throw unreachable();
    });
    closed.catch(() => undefined);
    const [answer] = await Promise.race([answered, closed]).catch((cause: unknown) => {
      throw unreachable(cause);
    });
    if (answer[':status'] === 200) return stream;
    stream.destroy();
    throw unreachable();
  }

  private link(replica: string): Promise<ClientHttp2Session> {
    const known = this.links.get(replica);
    if (known) return known;
    const address = this.membership.find(replica);
    return address ? this.linkTo(address) : Promise.reject(unreachable());
  }

  private linkTo(address: ReplicaAddress): Promise<ClientHttp2Session> {
    const { id } = address;
    const known = this.links.get(id);
    if (known) return known;
    const link = this.dial(address);
    this.links.set(id, link);
    const forget = (): void => void this.links.delete(id);
    link.then(session => session.once('close', forget), forget);
    return link;
  }

  private async dial({ id, host, port }: ReplicaAddress): Promise<ClientHttp2Session> {
    const name = nameOfReplica(id);
    const session = connect(`https://${host.includes(':') ? `[${host}]` : host}:${port}`, {
      ...this.identity,
      minVersion: 'TLSv1.3',
      // A replica is identified by its certificate, not by its address.
      servername: name,
      checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
      settings: { initialWindowSize: STREAM_WINDOW_BYTES, enablePush: false },
    });
    session.on('error', () => undefined);
    const connected = once(session, 'connect');
    const closed = once(session, 'close').then(() => {
      throw unreachable();
    });
    closed.catch(() => undefined);
    try {
      await withDeadline(Promise.race([connected, closed]), CONNECT_TIMEOUT_MS, unreachable);
    } catch (cause) {
      session.destroy();
      throw unreachable(cause);
    }
    session.setLocalWindowSize(STREAM_WINDOW_BYTES * 64);
    watchPeer(session);
    return session;
  }
}

function unreachable(cause?: unknown): RemoteAccessError {
  return new RemoteAccessError('cluster-unavailable', cause === undefined ? {} : { cause });
}
