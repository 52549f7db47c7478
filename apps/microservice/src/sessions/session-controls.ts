import {
  printable,
  QUESTION_LIMITS,
  type HostKeyAnswer,
  type HostKeyMessage,
} from '@remote-access/contracts';
import type { TerminalSize } from '@remote-access/ssh';
import type { BridgeOpening, OpenBridge, UserPrompts } from './bridge';
import type { ControlMessage } from './client-side';
import { PromptQueue } from './prompt-queue';
import type { SessionClient } from './session-client';

/**
 * How the server's identity was verified, with the reason if it was not; `undefined` if the protocol
 * has no host keys.
 */
export type HostKeyVerification = 'verified' | 'accepted' | `not verified: ${string}` | undefined;

const NOT_PINNED = 'not verified: none was pinned';

const DEFAULT_SIZE: TerminalSize = { cols: 80, rows: 24 };

/** In place of a tab in a banner. */
const TAB = ' '.repeat(8);

export interface ControlEvents {
  onDisconnect(): void;
  onRenewed(ticket: string): void;
  onStay(): void;
}

/** The control messages of a session, as opposed to its bytes. */
export class SessionControls {
  private bridge: OpenBridge | undefined;
  private verification: HostKeyVerification;
  /** Only in sessions with a client that can be asked. */
  private prompts: PromptQueue | undefined;

  constructor(
    private readonly client: SessionClient,
    private readonly events: ControlEvents,
    /** Until the client sends another. */
    private size = DEFAULT_SIZE,
  ) {}

  get hostKeyVerification(): HostKeyVerification {
    return this.verification;
  }

  /** The controls that a driver uses while it opens the bridge. */
  forOpening(): Pick<
    BridgeOpening,
    'speaksV1' | 'size' | 'onHostKey' | 'onKeyUnchecked' | 'onBanner' | 'prompts'
  > {
    const { speaksV1 } = this.client.connection;
    return {
      speaksV1,
      size: () => this.size,
      onHostKey: message => {
        // How the key came to be trusted was noted earlier.
        if (message.state !== 'saved') this.verification = verificationOf(message.state);
        this.client.tell(message);
      },
      onBanner: text => this.showBanner(text),
      onKeyUnchecked: reason => (this.verification = `not verified: ${reason}`),
      ...(speaksV1 ? { prompts: this.userPrompts() } : {}),
    };
  }

  /** From now on sizes and breaks are forwarded. */
  attach(bridge: OpenBridge): void {
    this.bridge = bridge;
    bridge.resize(this.size);
  }

  handle(message: ControlMessage): void {
    switch (message.type) {
      case 'resize':
        this.size = { cols: message.cols, rows: message.rows };
        this.bridge?.resize(this.size);
        return;
      case 'break':
        this.bridge?.sendBreak?.();
        return;
      case 'flow':
      case 'ack':
        this.client.connection.flow(message);
        return;
      case 'answers':
      case 'host-key-answer':
        this.prompts?.answered(message);
        return;
      case 'keep':
        this.client.keep(message.key);
        return;
      case 'disconnect':
        this.events.onDisconnect();
        return;
      case 'stay':
        this.events.onStay();
        return;
      case 'renew':
        this.events.onRenewed(message.ticket);
        return;
      case 'watchable':
      case 'screen':
      case 'watch-answer':
      case 'keyboard':
        // Handled by SessionWatching.
        return;
      default:
        message satisfies never;
    }
  }

  /** The session ends: no more answers are accepted, and output is no longer held back. */
  close(): void {
    this.prompts?.close();
    this.client.connection.stopHolding();
  }

  private userPrompts(): UserPrompts {
    const prompts = new PromptQueue(message => this.client.tell(message));
    this.prompts = prompts;
    return {
      prompt: request => prompts.prompt(request),
      askHostKey: message => this.askHostKey(prompts, message),
    };
  }

  /** Shown in the terminal, where `ssh` shows banners too and links can be opened. */
  private showBanner(text: string): void {
    const lines = text.slice(0, QUESTION_LIMITS.text).trimEnd().replaceAll('\t', TAB).split('\n');
    const shown = lines.map(line => {
      // Banners contain drawings.
      const [indentation] = /^ */.exec(line)!;
      return `${indentation}${printable(line, QUESTION_LIMITS.text)}\r\n`;
    });
    this.client.connection.write(shown.join(''));
  }

  private async askHostKey(prompts: UserPrompts, message: HostKeyMessage): Promise<HostKeyAnswer> {
    this.verification = NOT_PINNED;
    const answer = await prompts.askHostKey(message);
    if (answer !== 'abort') this.verification = 'accepted';
    return answer;
  }
}

function verificationOf(state: Exclude<HostKeyMessage['state'], 'saved'>): HostKeyVerification {
  switch (state) {
    case 'known':
      return 'verified';
    case 'new':
      return NOT_PINNED;
    case 'changed':
      return 'not verified: it is not the pinned one';
    default:
      return state satisfies never;
  }
}
