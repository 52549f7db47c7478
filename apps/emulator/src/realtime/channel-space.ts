import type { Caller } from '../auth/caller';
import type { Change } from '../store/changes';

/** Why somebody may not subscribe to a channel. */
export interface ChannelRefusal {
  /** As of HTTP. */
  readonly code: number;
  readonly text: string;
}

/** The channels of one Bayeux address: who may subscribe to which, and what is said on them. */
export interface ChannelSpace {
  /** @returns why not; `undefined` where the caller may */
  refusal(channel: string, caller: Caller): ChannelRefusal | undefined;
  /** The channels that tell of a change. */
  channelsOf(change: Change): string[];
  /** What is told of it. */
  dataOf(change: Change): unknown;
  /** Whether a subscriber may read it, at this moment. */
  mayReceive(change: Change, caller: Caller): boolean;
}
