import type { GatewayCondition } from '@remote-access/contracts';
import type { FramedConnection } from '@remote-access/relay';
import { PooledTask } from '@remote-access/streams';

/** How often the state of the connection is checked, regardless of the number of callers. */
const LOOK_PERIOD_MS = 5_000;

/**
 * Proxies cut connections that are silent for a minute; a silent gateway is pinged well before
 * that.
 */
const PING_AFTER_SILENCE_MS = 10_000;

/** A gateway that has answered pings before and then answers none for this long is lost. */
const LOST_AFTER_MS = 30_000;

/**
 * The page asks every two seconds and should show a silent gateway within five, that is if a ping
 * is still unanswered at the second request after it. Slow links are allowed twice their usual
 * round trip.
 */
const SILENT_AFTER_MS = 1_800;

/** The gateway's side as the pulse sees it. A `DeviceSide` is one. */
export interface PulsePeer {
  readonly socket: Pick<
    FramedConnection,
    'readyState' | 'OPEN' | 'bufferedAmount' | 'takenBytes' | 'isPaused' | 'ping' | 'on' | 'off'
  >;
  readonly messagesIn: number;
}

export interface PulseOwner {
  /** The gateway no longer answers. Called once. */
  onLost(): void;
}

/** Where a gateway's socket has its pulse, so that all pulses share their listener functions. */
const PULSE = Symbol('pulse');

type Found = PulsePeer['socket'] & { [PULSE]?: GatewayPulse };

/**
 * Pings a gateway and tells whether its agent answers, with one ping in flight at a time. The first
 * one is sent at once, to learn whether the agent answers pings at all: some vendors' agents do
 * not, and for them only TCP detects the loss of the connection. Pings have no payload, because
 * cumulocity-agents-linux writes a ping's payload into its TCP stream.
 */
export class GatewayPulse extends PooledTask {
  private pingedAtMs: number | undefined;
  /**
   * The time since when an answer is due; later than the ping if the agent could not answer yet.
   */
  private owedSinceMs = 0;
  private couldNotAnswer = false;
  private heardAtMs = performance.now();
  private messagesSeen: number;
  private answersPings = false;
  private latestMs: number | undefined;
  /** Bytes that the network had accepted when it last made progress or had nothing to send. */
  private takenBytes = 0;
  private tookAtMs = performance.now();

  constructor(
    private readonly peer: PulsePeer,
    private readonly owner: PulseOwner,
  ) {
    super(LOOK_PERIOD_MS);
    this.messagesSeen = peer.messagesIn;
    const socket: Found = peer.socket;
    socket[PULSE] = this;
    socket.on('pong', onPong);
    socket.on('ping', onPing);
    this.ping();
  }

  /** The round trip from the service to the gateway; `undefined` before the first answer. */
  get roundTripMs(): number | undefined {
    return this.latestMs;
  }

  /** `undefined` for an agent that has not answered a ping yet. */
  get condition(): GatewayCondition | undefined {
    const nowMs = this.observe();
    if (nowMs - this.tookAtMs >= SILENT_AFTER_MS) return 'not-reading';
    if (!this.answersPings) return undefined;
    const patienceMs = Math.max(SILENT_AFTER_MS, 2 * (this.latestMs ?? 0));
    const isOwed = this.pingedAtMs !== undefined && nowMs - this.owedSinceMs >= patienceMs;
    return isOwed ? 'silent' : 'answers';
  }

  /** Measures again, unless a ping is unanswered or would be queued behind other bytes. */
  ping(): void {
    const { socket } = this.peer;
    if (this.pingedAtMs !== undefined) return;
    if (socket.readyState !== socket.OPEN || socket.bufferedAmount > 0) return;
    this.pingedAtMs = performance.now();
    this.owedSinceMs = this.pingedAtMs;
    socket.ping();
  }

  override stop(): void {
    super.stop();
    this.peer.socket.off('pong', onPong);
    this.peer.socket.off('ping', onPing);
  }

  protected override look(): void {
    const nowMs = this.observe();
    const isUnanswered = this.pingedAtMs !== undefined && this.answersPings;
    if (isUnanswered && nowMs - this.owedSinceMs >= LOST_AFTER_MS) {
      this.stop();
      this.owner.onLost();
    } else if (nowMs - this.heardAtMs >= PING_AFTER_SILENCE_MS) {
      if (this.answersPings) this.ping();
      else this.pingWithoutWaiting();
    }
  }

  /** Keeps the connection alive in proxies, whether the agent answers or not. */
  private pingWithoutWaiting(): void {
    this.pingedAtMs = undefined;
    this.ping();
    this.heardAtMs = performance.now();
  }

  /** Updates the counters of what has been received and sent since the last check. */
  private observe(): number {
    const { socket, messagesIn } = this.peer;
    const nowMs = performance.now();
    if (messagesIn !== this.messagesSeen) {
      this.messagesSeen = messagesIn;
      this.heard(nowMs);
    }
    if (socket.bufferedAmount === 0 || socket.takenBytes !== this.takenBytes) {
      this.takenBytes = socket.takenBytes;
      this.tookAtMs = nowMs;
    }
    // The pong is queued behind bytes: behind ours until the gateway reads them, or behind the
    // gateway's until we read.
    const cannotAnswer = socket.bufferedAmount > 0 || socket.isPaused;
    if (cannotAnswer || this.couldNotAnswer) this.owedSinceMs = nowMs;
    this.couldNotAnswer = cannotAnswer;
    return nowMs;
  }

  private heard(nowMs: number): void {
    this.heardAtMs = nowMs;
    this.owedSinceMs = nowMs;
  }

  /** Called by the socket's listeners, like the method that follows. */
  answered(): void {
    const nowMs = performance.now();
    this.heard(nowMs);
    this.answersPings = true;
    if (this.pingedAtMs !== undefined) this.latestMs = nowMs - this.pingedAtMs;
    this.pingedAtMs = undefined;
  }

  pinged(): void {
    this.heard(performance.now());
  }
}

function onPong(this: Found): void {
  this[PULSE]!.answered();
}

function onPing(this: Found): void {
  this[PULSE]!.pinged();
}
