import type RFB from '@novnc/novnc';
import {
  CREDENTIALS,
  type Credentials,
  type DesktopListener,
  type DesktopScreen,
  type DesktopView,
  type PowerAction,
} from './desktop-screen';
import type { Key } from './key-combination';
import { giveKeyboardAccess } from './keyboard-access';
import { releaseKeys, watchPictures } from './novnc-internals';
import { RfbChannel } from './rfb-channel';

export interface DesktopOptions {
  /** Whether other viewers of the machine stay connected. */
  readonly shared: boolean;
  /** What screen readers call the picture. */
  readonly label: string;
}

/** {@link DesktopScreen} with noVNC, loaded when a session is opened. */
export class NoVncScreen implements DesktopScreen {
  private readonly channel: RfbChannel;
  private readonly rfb: RFB;
  private over = false;

  /** @returns makes a screen at once: the first bytes of a session must not wait for a chunk */
  static async load(): Promise<
    (element: HTMLElement, options: DesktopOptions, listener: DesktopListener) => NoVncScreen
  > {
    const { default: Rfb } = await import('@novnc/novnc');
    return (element, options, listener) => new NoVncScreen(Rfb, element, options, listener);
  }

  private constructor(
    Rfb: typeof RFB,
    element: HTMLElement,
    { shared, label }: DesktopOptions,
    private readonly listener: DesktopListener,
  ) {
    this.channel = new RfbChannel(bytes => listener.send(bytes));
    this.rfb = new Rfb(element, this.channel, { shared });
    this.rfb.background = 'transparent';
    watchPictures(this.rfb, listener);
    giveKeyboardAccess(element.querySelector('canvas')!, {
      label,
      left: () => listener.left(),
      released: () => releaseKeys(this.rfb),
    });
    this.listen();
  }

  receive(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.over) return;
    try {
      this.channel.receive(bytes);
    } catch (cause) {
      this.dispose();
      this.listener.broken(cause instanceof RangeError ? cause.message : 'the bytes make no sense');
    }
  }

  apply(view: DesktopView): void {
    const { rfb } = this;
    rfb.viewOnly = view.viewOnly;
    rfb.scaleViewport = view.scaling !== 'actual';
    rfb.resizeSession = view.scaling === 'remote';
    rfb.clipViewport = view.scaling === 'actual' && view.panning;
    rfb.dragViewport = view.scaling === 'actual' && view.panning;
    rfb.qualityLevel = view.quality;
    rfb.compressionLevel = view.compression;
    rfb.showDotCursor = view.dotCursor;
  }

  press(keys: readonly Key[]): void {
    for (const { keysym, code } of keys) this.rfb.sendKey(keysym, code, true);
    for (const { keysym, code } of [...keys].reverse()) this.rfb.sendKey(keysym, code, false);
  }

  offer(text: string): void {
    this.rfb.clipboardPasteFrom(text);
  }

  signIn(credentials: Credentials): void {
    this.rfb.sendCredentials(credentials);
  }

  approve(): void {
    this.rfb.approveServer();
  }

  power(action: PowerAction): void {
    switch (action) {
      case 'shutdown':
        return this.rfb.machineShutdown();
      case 'reboot':
        return this.rfb.machineReboot();
      case 'reset':
        return this.rfb.machineReset();
      default:
        action satisfies never;
    }
  }

  picture(): Promise<Blob> {
    return new Promise((resolve, reject) => {
      this.rfb.toBlob(blob => {
        if (blob) resolve(blob);
        else reject(new Error('The browser made no picture'));
      }, 'image/png');
    });
  }

  focus(): void {
    this.rfb.focus({ preventScroll: true });
  }

  dispose(): void {
    if (this.over) return;
    this.over = true;
    this.rfb.disconnect();
  }

  private listen(): void {
    const { rfb, listener } = this;
    rfb.addEventListener('connect', () => listener.started());
    rfb.addEventListener('desktopname', ({ detail }) => listener.named(detail.name));
    rfb.addEventListener('bell', () => listener.bell());
    rfb.addEventListener('clipboard', ({ detail }) => listener.copied(detail.text));
    rfb.addEventListener('credentialsrequired', ({ detail }) =>
      listener.askCredentials(CREDENTIALS.filter(kind => detail.types.includes(kind))),
    );
    rfb.addEventListener('serververification', ({ detail }) =>
      listener.verifyServer(detail.publickey),
    );
    rfb.addEventListener('securityfailure', ({ detail }) => listener.refused(detail.reason ?? ''));
    rfb.addEventListener('capabilities', ({ detail }) =>
      listener.powerOffered(detail.capabilities.power),
    );
    rfb.addEventListener('disconnect', () => {
      if (this.over) return;
      this.over = true;
      listener.broken('');
    });
  }
}
