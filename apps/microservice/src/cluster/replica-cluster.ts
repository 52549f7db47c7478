import type { Duplex } from 'node:stream';
import { networkInterfaces } from 'node:os';
import { isRefusal, type Refusal, RemoteAccessError } from '@remote-access/contracts';
import { Disposables } from '@remote-access/streams';
import { randomId } from '../logging/correlation';
import type { Log } from '../logging/log';
import type { MemoryBudget } from '../memory/memory-budget';
import type { Metrics } from '../metrics/metrics';
import type { ClusterSettings } from '../settings/cluster-settings';
import type { ServiceAccount } from '../settings/settings';
import { Broker, NOBODY, UNANSWERED } from './broker';
import type {
  Cluster,
  ForwardedSocket,
  AnnouncedKind,
  Lease,
  ClusterEvents,
  Questions,
  ReplicaId,
} from './cluster';
import { ClusterKeys } from './cluster-keys';
import { Leases } from './leases';
import { Membership, type ReplicaAddress } from './membership';
import { PeerLinks } from './peer-links';
import { PeerServer } from './peer-server';
import { makeIdentity } from './replica-identity';

/** A replica that takes longer is left out of the result. */
const ANSWER_TIMEOUT_MS = 2_000;

/** A lease is granted when its holder has finished. */
const LEASE_TIMEOUT_MS = 11_000;

/** How long sessions that end because this replica stops may take to tell their clients. */
const LAST_MESSAGES_MS = 2_000;

const NOT_FOUND_HERE =
  'This replica of the service does not have this connection, and the others cannot be asked at the ' +
  'moment. Connect again.';

interface ReplicaOptions {
  readonly settings: ClusterSettings;
  readonly account: ServiceAccount;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly memory: MemoryBudget;
}

type Answer = (question: never) => unknown;
type Listener = (event: never) => void;

/** This replica and the others. docs/decisions/0122-replicas.md explains the design. */
export class ReplicaCluster implements Cluster {
  readonly isOn = true;
  private readonly answers = new Map<string, Answer>();
  private readonly listeners = new Map<string, Listener[]>();
  /** The topics under which this replica is found. */
  private readonly announcedTopics = new Set<string>();
  private connected: (socket: ForwardedSocket) => void = socket => void socket.destroy();
  private readonly disposables = new Disposables();
  private readonly leases: Leases;

  private constructor(
    readonly id: ReplicaId,
    private readonly keys: ClusterKeys,
    private readonly broker: Broker,
    private readonly membership: Membership,
    private readonly links: PeerLinks,
    private readonly server: PeerServer,
  ) {
    this.leases = new Leases(id, membership, (replica, request) =>
      this.links.ask(replica, 'lease', request, LEASE_TIMEOUT_MS),
    );
    this.answer('lease', request => this.leases.grant(request));
    this.answer('off-broker', ({ replica, beats }) => {
      membership.lostBroker(replica, beats);
      return true;
    });
    this.answer('holds', ({ name }) => this.announcedTopics.has(name));
  }

  /** Does not wait for the broker: until it is available, the service works on its own. */
  static async start({
    settings,
    account,
    log,
    metrics,
    memory,
  }: ReplicaOptions): Promise<ReplicaCluster> {
    const id = randomId();
    const keys = new ClusterKeys(account);
    const identity = await makeIdentity(id, keys.authority);
    const server = new PeerServer(identity, log, memory);
    const port = await server.listen(settings.host, settings.port);
    const broker = new Broker(settings.broker, keys, log);
    const host = settings.address ?? reachableAddress(settings.host);
    const known = { find: (other: ReplicaId) => membership.find(other) };
    const links: PeerLinks = new PeerLinks(identity, known, memory);
    const membership = new Membership(broker, { id, host, port }, other => links.answers(other));
    const cluster = new ReplicaCluster(id, keys, broker, membership, links, server);
    membership.start();
    cluster.listen();
    broker.onLost(
      () => void cluster.askAll('off-broker', { replica: id, beats: membership.beats }),
    );
    server.serveWith({
      connected: socket => cluster.connected(socket),
      answer: (topic, question) => cluster.answerTo(topic, question),
    });
    broker.start();
    metrics.watchCluster(() => ({
      // A lost connection is known before the echo of our heartbeat is missed.
      isConnected: broker.isConnected && membership.isReachable,
      replicas: membership.list().length + 1,
      forwarded: links.streamCount,
    }));
    log.info('This is one of several replicas', { replica: id, host, port });
    return cluster;
  }

  get isCutOff(): boolean {
    return this.membership.isCutOff;
  }

  introduced(): Promise<void> {
    return this.membership.introduced();
  }

  announce(kind: AnnouncedKind, secret: string): () => void {
    const topic = this.topicOf(kind, secret);
    this.announcedTopics.add(topic);
    const end = this.broker.serve(topic, () => ({ replica: this.id }));
    return () => {
      this.announcedTopics.delete(topic);
      end();
    };
  }

  announced(): Promise<void> {
    return this.broker.flush();
  }

  async locate(kind: AnnouncedKind, secret: string): Promise<ReplicaId | undefined | Refusal> {
    const topic = this.topicOf(kind, secret);
    try {
      const answer = await this.broker.request(topic, {});
      // After an outage others may need a moment longer to reach the broker again.
      const isReliable = answer === NOBODY && this.membership.isSettled;
      if (isReliable) return await this.holderAmong(this.membership.offBroker(), topic);
      if (answer === NOBODY || answer === UNANSWERED) return await this.holderAmongAll(topic);
      const { replica } = answer as { replica?: unknown };
      return typeof replica === 'string' && replica !== this.id ? replica : undefined;
    } catch (cause) {
      return new RemoteAccessError('cluster-unavailable', { cause, detail: NOT_FOUND_HERE });
    }
  }

  async askAll<Topic extends keyof Questions>(
    topic: Topic,
    question: Questions[Topic]['ask'],
  ): Promise<Questions[Topic]['answer'][]> {
    const asked = this.membership.list().map(({ id }) => this.ask(id, topic, question));
    const settled = await Promise.allSettled(asked);
    return settled.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []));
  }

  async askEvery<Topic extends keyof Questions>(
    topic: Topic,
    question: Questions[Topic]['ask'],
  ): Promise<Questions[Topic]['answer'][] | Refusal> {
    const { membership } = this;
    const answers = new Map<ReplicaId, Questions[Topic]['answer']>();
    if (membership.isComplete) {
      const asked = membership.list().map(async ({ id }) => {
        answers.set(id, await this.ask(id, topic, question));
      });
      await Promise.allSettled(asked);
    }
    // One that has gone in the meantime need not answer; one that has appeared must be asked.
    const isEvery = membership.isComplete && membership.list().every(({ id }) => answers.has(id));
    return isEvery ? [...answers.values()] : new RemoteAccessError('cluster-unavailable');
  }

  async ask<Topic extends keyof Questions>(
    replica: ReplicaId,
    topic: Topic,
    question: Questions[Topic]['ask'],
  ): Promise<Questions[Topic]['answer']> {
    return (await this.links.ask(replica, topic, question, ANSWER_TIMEOUT_MS)) as never;
  }

  answer<Topic extends keyof Questions>(
    topic: Topic,
    answer: (
      question: Questions[Topic]['ask'],
    ) => Questions[Topic]['answer'] | Promise<Questions[Topic]['answer']>,
  ): void {
    this.answers.set(topic, answer);
  }

  publish<Topic extends keyof ClusterEvents>(topic: Topic, event: ClusterEvents[Topic]): void {
    this.broker.publish('event', { from: this.id, topic, event });
  }

  subscribe<Topic extends keyof ClusterEvents>(
    topic: Topic,
    listener: (event: ClusterEvents[Topic]) => void,
  ): void {
    const listeners = this.listeners.get(topic) ?? [];
    this.listeners.set(topic, [...listeners, listener]);
  }

  leaseRefusal(): Refusal | undefined {
    return this.leases.refusal();
  }

  withLease<Result>(
    name: string,
    work: (lease: Lease) => Promise<Result>,
  ): Promise<Result | Refusal> {
    return this.leases.run(name, work);
  }

  connectTo(replica: ReplicaId, remoteAddress: string): Promise<Duplex> {
    return this.links.forward(replica, remoteAddress);
  }

  onConnection(listener: (socket: ForwardedSocket) => void): void {
    this.connected = listener;
  }

  onReplicaDied(listener: (id: ReplicaId) => void): void {
    const stop = this.membership.whenGone((id, hasDied) => {
      if (hasDied) listener(id);
    });
    this.disposables.add(stop);
  }

  onReturn(listener: (awayMs: number) => void): void {
    this.disposables.add(this.membership.whenBack(listener));
  }

  async drain(graceMs: number): Promise<void> {
    const { id, links } = this;
    if (links.streamCount === 0) return;
    void this.askAll('leaving', { replica: id, graceMs });
    await links.drain(graceMs);
    if (links.streamCount === 0) return;
    await this.askAll('leaving', { replica: id, graceMs: 0 });
    await links.drain(LAST_MESSAGES_MS);
  }

  async stop(): Promise<void> {
    this.disposables.dispose();
    await this.membership.stop();
    this.links.stop();
    await this.server.stop();
    await this.broker.stop();
  }

  private listen(): void {
    const stop = this.broker.subscribe('event', message => {
      const { from, topic, event } = message as { from: string; topic: string; event: never };
      if (from === this.id) return;
      for (const listener of this.listeners.get(topic) ?? []) listener(event);
    });
    this.disposables.add(stop);
  }

  private async answerTo(topic: string, question: unknown): Promise<unknown> {
    const answer = this.answers.get(topic);
    if (!answer) throw new RemoteAccessError('not-found');
    const found = await answer(question as never);
    if (isRefusal(found)) throw found;
    return found;
  }

  /** @throws RemoteAccessError `cluster-unavailable` if there may be replicas that are not known */
  private async holderAmongAll(name: string): Promise<ReplicaId | undefined> {
    const holder = await this.holderAmong(this.membership.list(), name);
    if (holder === undefined && !this.membership.isSettled) {
      throw new RemoteAccessError('cluster-unavailable');
    }
    return holder;
  }

  /**
   * The one that holds something among some replicas, asked directly.
   * @throws RemoteAccessError `cluster-unavailable` if one of them does not answer
   */
  private async holderAmong(
    replicas: readonly ReplicaAddress[],
    name: string,
  ): Promise<ReplicaId | undefined> {
    const asked = replicas.map(async ({ id }) => {
      const isHolder = await this.ask(id, 'holds', { name });
      return isHolder ? id : undefined;
    });
    return (await Promise.all(asked)).find(id => id !== undefined);
  }

  private topicOf(kind: AnnouncedKind, secret: string): string {
    return `${kind}.${this.keys.nameOf(secret)}`;
  }
}

/**
 * The address at which others reach a server that listens on all addresses: the first one that is
 * not internal.
 */
function reachableAddress(host: string): string {
  if (host !== '0.0.0.0' && host !== '::') return host;
  const all = Object.values(networkInterfaces()).flatMap(addresses => addresses ?? []);
  const found = all.find(({ internal, family }) => !internal && family === 'IPv4');
  return found?.address ?? '127.0.0.1';
}
