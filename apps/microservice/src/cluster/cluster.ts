import type { Duplex } from 'node:stream';
import type { ErrorCode, Refusal, RunningSession, Ticket } from '@remote-access/contracts';
import type { TransferredCredentials } from '../platform/caller-credentials';

/** Injection token of {@link Cluster}. */
export const CLUSTER = Symbol('cluster');

/** Random for each process, so a restarted replica has a new id. */
export type ReplicaId = string;

/** Kinds of things that exist on a single replica and are found by a secret or an id. */
export type AnnouncedKind = 'key' | 'ticket' | 'session';

/** A moment in the order on which all replicas agree (Lamport); the replica's id breaks ties. */
export interface LogicalTime {
  readonly time: number;
  readonly replica: ReplicaId;
}

/** Questions that replicas ask each other over direct connections. */
export interface Questions {
  /** The sessions of a tenant, or on one gateway, as the API shows them. */
  sessions: { ask: { tenant: string; deviceId?: string }; answer: RunningSession[] };
  /** Ends a session; `text` is shown to its user. The answer says whether the session was found. */
  'end-session': { ask: { tenant: string; sessionId: string; text: string }; answer: boolean };
  /** The number of sessions of a user and of a gateway: all, or those added before another one. */
  count: {
    ask: { tenant: string; userName: string; deviceId: string; before?: LogicalTime };
    answer: { ofUser: number; onDevice: number };
  };
  /** Whether a replica is the process with this id, which an operation names as its owner. */
  'is-owner': { ask: { owner: string }; answer: boolean };
  /** Which of these operations of a tenant the replica serves. */
  serving: { ask: { tenant: string; ids: string[] }; answer: string[] };
  /** A replica is stopping: the connections that it forwards end after this time, or now if 0. */
  leaving: { ask: { replica: ReplicaId; graceMs: number }; answer: true };
  /** A replica has lost the broker, which forgets what it holds; `beats` heartbeats were sent before. */
  'off-broker': { ask: { replica: ReplicaId; beats: number }; answer: true };
  /** Whether the replica has announced something under this name. */
  holds: { ask: { name: string }; answer: boolean };
  /** The credentials behind a ticket; uses up the ticket. */
  'redeem-ticket': {
    ask: { ticket: string; deviceId: string; endpointId: string; origin: string };
    answer: { tenant: string; userName: string; credentials: TransferredCredentials } | null;
  };
  /** A ticket for a session that the replica runs; `body` is what the caller sent. */
  'session-ticket': {
    ask: {
      credentials: TransferredCredentials;
      deviceId: string;
      endpointId: string;
      origin: string;
      body: unknown;
    };
    answer: Ticket | { code: ErrorCode; detail: string };
  };
  /** Requests the lease on a name; answered once the lease is free. */
  lease: { ask: { name: string; time: number; id: string }; answer: true };
}

/** Events that a replica announces to all others through the broker. */
export interface ClusterEvents {
  /** A gateway's endpoints have changed. */
  'device-changed': { tenant: string; deviceId: string };
  /** A tenant's settings have changed. */
  'settings-changed': { tenant: string };
}

/** The pause before a question that not every replica has answered is asked again. */
export const ASK_AGAIN_MS = 2_000;

/** A temporary exclusive right to change something. */
export interface Lease {
  /**
   * Check this immediately before writing: a process that was suspended may have lost its lease.
   */
  readonly isHeld: boolean;
}

/** A connection from another replica, which forwards a caller that connected there. */
export interface ForwardedSocket extends Duplex {
  /** The address of the caller, as seen by the other replica. */
  readonly remoteAddress: string;
  readonly forwardedBy: ReplicaId;
}

/** The other replicas of this service. If there are none, {@link SINGLE_REPLICA}. */
export interface Cluster {
  /** Whether other replicas may exist. */
  readonly isOn: boolean;

  /** The id of this replica; `undefined` if no others can exist. */
  readonly id: ReplicaId | undefined;

  /** Whether others may take this replica for dead, because they hear nothing from it. */
  readonly isCutOff: boolean;

  /**
   * Resolves when this replica and the others know each other, or without the broker. Await it
   * before anybody is served: until then, edits are refused and connections may not be found.
   */
  introduced(): Promise<void>;

  /**
   * Lets other replicas find something that is held here.
   * @returns a function that withdraws the announcement
   */
  announce(kind: AnnouncedKind, secret: string): () => void;

  /**
   * Resolves when everything announced so far can be found, or without the broker. Await it before
   * anybody learns the secret: the user of it may come to another replica faster than the
   * announcement.
   */
  announced(): Promise<void>;

  /**
   * Which other replica holds something.
   * @returns `undefined` if none does; `cluster-unavailable` if that cannot be determined
   */
  locate(kind: AnnouncedKind, secret: string): Promise<ReplicaId | undefined | Refusal>;

  /** Asks every other replica; those that do not answer are left out. */
  askAll<Topic extends keyof Questions>(
    topic: Topic,
    question: Questions[Topic]['ask'],
  ): Promise<Questions[Topic]['answer'][]>;

  /**
   * Asks every other replica, for decisions that a missing answer would make wrong.
   * @returns `cluster-unavailable` unless all other replicas are known and every one has answered
   */
  askEvery<Topic extends keyof Questions>(
    topic: Topic,
    question: Questions[Topic]['ask'],
  ): Promise<Questions[Topic]['answer'][] | Refusal>;

  /** @throws RemoteAccessError `cluster-unavailable` if it does not answer */
  ask<Topic extends keyof Questions>(
    replica: ReplicaId,
    topic: Topic,
    question: Questions[Topic]['ask'],
  ): Promise<Questions[Topic]['answer']>;

  answer<Topic extends keyof Questions>(
    topic: Topic,
    answer: (
      question: Questions[Topic]['ask'],
    ) => Questions[Topic]['answer'] | Promise<Questions[Topic]['answer']>,
  ): void;

  publish<Topic extends keyof ClusterEvents>(topic: Topic, event: ClusterEvents[Topic]): void;
  subscribe<Topic extends keyof ClusterEvents>(
    topic: Topic,
    listener: (event: ClusterEvents[Topic]) => void,
  ): void;

  /** Why no lease can be had at the moment, as far as is known without asking anybody. */
  leaseRefusal(): Refusal | undefined;

  /**
   * Runs work that no two replicas may do at the same time, in the order of the calls.
   * @returns `cluster-unavailable`, without running it, if the others cannot be asked
   */
  withLease<Result>(
    name: string,
    work: (lease: Lease) => Promise<Result>,
  ): Promise<Result | Refusal>;

  /**
   * Opens a connection to the HTTP server of another replica.
   * @param remoteAddress the address of the caller that is forwarded
   * @throws RemoteAccessError `cluster-unavailable`
   */
  connectTo(replica: ReplicaId, remoteAddress: string): Promise<Duplex>;

  /** @param listener receives connections from other replicas */
  onConnection(listener: (socket: ForwardedSocket) => void): void;

  /**
   * @param listener called when another replica has died, on every remaining one that knew it: they
   *   need not know the same ones
   */
  onReplicaDied(listener: (id: ReplicaId) => void): void;

  /**
   * @param listener called when others hear this replica again that may have taken it for dead;
   *   receives for how long they have not heard it
   */
  onReturn(listener: (awayMs: number) => void): void;

  /**
   * Lets connections that are forwarded to other replicas end, for as long as a grace period, after
   * telling those replicas. Then they end what is left.
   */
  drain(graceMs: number): Promise<void>;

  stop(): Promise<void>;
}

const HELD: Lease = { isHeld: true };

/** A single replica does not load, announce or ask anything. */
export const SINGLE_REPLICA: Cluster = {
  isOn: false,
  id: undefined,
  isCutOff: false,
  introduced: () => Promise.resolve(),
  announce: () => () => undefined,
  announced: () => Promise.resolve(),
  locate: () => Promise.resolve(undefined),
  askAll: () => Promise.resolve([]),
  askEvery: () => Promise.resolve([]),
  ask: () => Promise.reject(new Error('There is no other replica')),
  answer: () => undefined,
  publish: () => undefined,
  subscribe: () => undefined,
  leaseRefusal: () => undefined,
  withLease: (_name, work) => work(HELD),
  connectTo: () => Promise.reject(new Error('There is no other replica')),
  onConnection: () => undefined,
  onReplicaDied: () => undefined,
  onReturn: () => undefined,
  drain: () => Promise.resolve(),
  stop: () => Promise.resolve(),
};
