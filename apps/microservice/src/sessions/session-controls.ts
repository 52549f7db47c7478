import type { HostKeyAnswer, HostKeyMessage } from '@remote-access/contracts';
import type { TerminalSize } from '@remote-access/ssh';
import type { BridgeOpening, OpenBridge } from '../protocols/protocol-driver';
import type { ClientSide, ControlMessage } from './client-side';
import { SessionDialogue } from './session-dialogue';

/** How the server of a session proved who it is; `undefined` where the protocol has no proof. */
export type HostKeyTrust = 'verified' | 'accepted' | 'not verified' | undefined;

/** What the client and the far end say to each other beside the bytes. */
export class SessionControls {
  private size: TerminalSize = { cols: 80, rows: 24 };
  private bridge: OpenBridge | undefined;
  private trust: HostKeyTrust;
  private readonly dialogue: SessionDialogue;

  constructor(
    private readonly clientSide: ClientSide,
    private readonly onDisconnect: () => void,
  ) {
    this.dialogue = new SessionDialogue(message => clientSide.tell(message));
  }

  get hostKeyTrust(): HostKeyTrust {
    return this.trust;
  }

  /** What a driver needs of them while it opens the bridge. */
  forOpening(): Pick<BridgeOpening, 'speaksV1' | 'size' | 'onHostKey' | 'dialogue'> {
    const { dialogue, clientSide } = this;
    const questions = {
      prompt: dialogue.prompt.bind(dialogue),
      askHostKey: (message: HostKeyMessage) => this.askHostKey(message),
    };
    return {
      speaksV1: clientSide.speaksV1,
      size: () => this.size,
      onHostKey: message => {
        this.trust = message.state === 'known' ? 'verified' : 'not verified';
        clientSide.tell(message);
      },
      ...(clientSide.speaksV1 ? { dialogue: questions } : {}),
    };
  }

  /** From now on sizes and breaks have somewhere to go. */
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
        this.clientSide.flow(message);
        return;
      case 'answers':
      case 'host-key-answer':
        this.dialogue.answered(message);
        return;
      case 'disconnect':
        this.onDisconnect();
        return;
      default:
        message satisfies never;
    }
  }

  /** The session ends: nobody answers any more, and no output is kept back. */
  close(): void {
    this.dialogue.close();
    this.clientSide.letGo();
  }

  private async askHostKey(message: HostKeyMessage): Promise<HostKeyAnswer> {
    this.trust = 'not verified';
    const answer = await this.dialogue.askHostKey(message);
    if (answer !== 'abort') this.trust = 'accepted';
    return answer;
  }
}
