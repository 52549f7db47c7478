import type { Duplex } from 'node:stream';
import type { ErrorCode, Refusal, RunningSession, Ticket } from '@remote-access/contracts';
import type { TransferredCredentials } from '../platform/caller-credentials';

/** Injection token of {@link Cluster}. */
export const CLUSTER = Symbol('cluster');

/** Random for each process, so that a restarted replica is another one. */
export type ReplicaId = string;

/** Things that exist on one replica only and are found by a secret or an id. */
export type Holding = 'key' | 'ticket' | 'session';

/** Questions that replicas ask each other over their own connections. */
export interface Questions {
  /** The sessions of a tenant, or on one gateway, as the API shows them. */
  sessions: { ask: { tenant: string; deviceId?: string }; answer: RunningSession[] };
  /** Ends a session; `text` is what its user reads. The answer says whether it was there. */
  'end-session': { ask: { tenant: string; sessionId: string; text: string }; answer: boolean };
  /** How many sessions a user and a gateway have. */
  count: {
    ask: { tenant: string; userName: string; deviceId: string };
    answer: { ofUser: number; onDevice: number };
  };
  /** Whether a replica is the process with this id, which an operation names as its owner. */
  'is-owner': { ask: { owner: string }; answer: boolean };
  /** Which of these operations a replica serves. */
  serving: { ask: { ids: string[] }; answer: string[] };
  /** The credentials behind a ticket, which is used up. */
  'redeem-ticket': {
    ask: { ticket: string; deviceId: string; endpointId: string; origin: string };
    answer: { tenant: string; userName: string; credentials: TransferredCredentials } | null;
  };
  /** A ticket for a session that the replica has; `body` as the caller sent it. */
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
  /** The lease on a name; answered once the lease is free. */
  lease: { ask: { name: string; time: number; id: string }; answer: true };
}

/** News that a replica sends to all others through the broker. */
export interface News {
  /** A gateway's endpoints have changed. */
  'device-changed': { tenant: string; deviceId: string };
  /** A tenant's settings have changed. */
  'settings-changed': { tenant: string };
}

/** A temporary exclusive right to change something. */
export interface Lease {
  /** Check this just before writing: a process that was suspended may have lost its lease. */
  readonly isHeld: boolean;
}

/** A connection from another replica, on which it speaks for a caller that arrived there. */
export interface ForwardedSocket extends Duplex {
  /** The address of the caller, as the other replica sees it. */
  readonly remoteAddress: string;
  readonly isForwarded: true;
}

/** The other replicas of this service. With one replica there are none: {@link SINGLE_REPLICA}. */
export interface Cluster {
  /** Whether there may be other replicas. */
  readonly isOn: boolean;

  /** This replica; `undefined` if there may be no other. */
  readonly id: ReplicaId | undefined;

  /**
   * Lets the others find something that is here.
   * @returns a function that ends it
   */
  announce(kind: Holding, secret: string): () => void;

  /** Resolves when what was announced can be found. */
  announced(): Promise<void>;

  /**
   * Which other replica has something.
   * @returns `undefined` if none has; `cluster-unavailable` if nobody can say
   */
  locate(kind: Holding, secret: string): Promise<ReplicaId | undefined | Refusal>;

  /** Asks every other replica; those that do not answer are left out. */
  askAll<Topic extends keyof Questions>(
    topic: Topic,
    question: Questions[Topic]['ask'],
  ): Promise<Questions[Topic]['answer'][]>;

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

  tell<Topic extends keyof News>(topic: Topic, news: News[Topic]): void;
  hear<Topic extends keyof News>(topic: Topic, listener: (news: News[Topic]) => void): void;

  /**
   * Runs work that no two replicas may do at the same time.
   * @returns `cluster-unavailable` without running it if the others cannot be asked
   */
  withLease<Result>(
    name: string,
    work: (lease: Lease) => Promise<Result>,
  ): Promise<Result | Refusal>;

  /**
   * A connection to the HTTP server of another replica.
   * @param remoteAddress of the caller for whom it is
   * @throws RemoteAccessError `cluster-unavailable`
   */
  connectTo(replica: ReplicaId, remoteAddress: string): Promise<Duplex>;

  /** @param listener gets the connections of other replicas */
  onConnection(listener: (socket: ForwardedSocket) => void): void;

  /** @param listener is called on one of the replicas that are left, when another one died */
  onReplicaDied(listener: (id: ReplicaId) => void): void;

  stop(): Promise<void>;
}

const HELD: Lease = { isHeld: true };

/** One replica needs nobody: nothing is loaded, announced or asked. */
export const SINGLE_REPLICA: Cluster = {
  isOn: false,
  id: undefined,
  announce: () => () => undefined,
  announced: () => Promise.resolve(),
  locate: () => Promise.resolve(undefined),
  askAll: () => Promise.resolve([]),
  ask: () => Promise.reject(new Error('There is no other replica')),
  answer: () => undefined,
  tell: () => undefined,
  hear: () => undefined,
  withLease: (_name, work) => work(HELD),
  connectTo: () => Promise.reject(new Error('There is no other replica')),
  onConnection: () => undefined,
  onReplicaDied: () => undefined,
  stop: () => Promise.resolve(),
};
