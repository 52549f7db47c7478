import type { VncPeer } from './vnc-peer';

/** Who may sign in. */
export interface VncUser {
  readonly username: string;
  readonly password: string;
}

/** One way to sign in, as a server does it: up to its verdict. */
export interface VncSecurity {
  readonly type: number;
  check(peer: VncPeer, user: VncUser): Promise<boolean>;
  /** What Tight puts behind the name of the screen. */
  readonly initTrailer?: Buffer;
}
