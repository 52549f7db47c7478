import type RFB from '@novnc/novnc';
import type { Scaling } from './desktop-preferences';
import {
  makeCanvasFocusable,
  releaseKeys,
  RfbChannel,
  skipUnadvertised,
  watchFramebuffer,
} from './novnc-adapter';
import { RemoteSize } from './remote-size';
import type { Key } from './rfb-keys';

/** Fixed for the lifetime of a screen. */
export interface DesktopOptions {
  /** Whether other viewers of the desktop stay connected. */
  readonly shared: boolean;
  /** For screen readers. */
  readonly label: string;
}

/** Can change while the desktop is shown. */
export interface DesktopView {
  readonly scaling: Scaling;
  /** Whether keys, pointer and clipboard are not sent to the server. */
  readonly viewOnly: boolean;
  /** With the scaling `actual`: dragging moves the picture instead of the remote pointer. */
  readonly panning: boolean;
  /** JPEG quality and compression effort, 0 to 9 each, as in RFB's pseudo-encodings. */
  readonly quality: number;
  readonly compression: number;
  /** Whether to show a dot if the server sends an invisible cursor. */
  readonly dotCursor: boolean;
}

/** The credentials that a server may ask for. */
export const CREDENTIALS = ['username', 'password', 'target'] as const;
export type CredentialKind = (typeof CREDENTIALS)[number];
export type Credentials = Partial<Record<CredentialKind, string>>;

export type PowerAction = 'shutdown' | 'reboot' | 'reset';

/** Events of a desktop. Texts come from the server and are never markup. */
export interface DesktopListener {
  send(bytes: Uint8Array<ArrayBuffer>): void;
  /** The handshake is complete, and framebuffer updates follow. */
  started(): void;
  nameChanged(name: string): void;
  /** The user wants to move the focus out of the desktop, which captures Tab. */
  leaveRequested(): void;
  frameDrawn(): void;
  bell(): void;
  /** Text was copied on the remote computer. */
  clipboardReceived(text: string): void;
  credentialsRequested(kinds: readonly CredentialKind[]): void;
  /** RA2: the user must verify the server's public key (big-endian) before anything is sent. */
  verificationRequested(publicKey: Uint8Array<ArrayBuffer>): void;
  /** The server refused the sign-in; its reason may be empty. */
  signInRefused(reason: string): void;
  powerOffered(offered: boolean): void;
  /** noVNC could not process what the server sent; the reason may be empty. */
  failed(reason: string): void;
}

/** A desktop drawn by noVNC, which is loaded when a session opens. */
export class NoVncScreen {
  private readonly channel: RfbChannel;
  private readonly rfb: RFB;
  private readonly remoteSize: RemoteSize;
  private disposed = false;

  /** @returns a factory, so that the first bytes of a session need not wait for a chunk to load */
  static async load(): Promise<
    (element: HTMLElement, options: DesktopOptions, listener: DesktopListener) => NoVncScreen
  > {
    const { default: Rfb } = await import('@novnc/novnc');
    return (element, options, listener) => new NoVncScreen(Rfb, element, options, listener);
  }

  private constructor(
    Rfb: typeof RFB,
    private readonly element: HTMLElement,
    { shared, label }: DesktopOptions,
    private readonly listener: DesktopListener,
  ) {
    this.channel = new RfbChannel(bytes => listener.send(bytes));
    this.rfb = new Rfb(element, this.channel, { shared });
    this.rfb.background = 'transparent';
    skipUnadvertised(this.rfb);
    watchFramebuffer(this.rfb, () => listener.frameDrawn());
    this.remoteSize = new RemoteSize(this.rfb, bytes => this.channel.send(bytes));
    makeCanvasFocusable(element.querySelector('canvas')!, {
      label,
      leaveRequested: () => listener.leaveRequested(),
      blurred: () => releaseKeys(this.rfb),
    });
    this.listen();
  }

  /**
   * Processes bytes from the server. Invalid ones are reported through
   * {@link DesktopListener.failed}.
   */
  receive(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.disposed) return;
    try {
      this.channel.receive(bytes);
    } catch (cause) {
      this.dispose();
      this.listener.failed(cause instanceof RangeError ? cause.message : 'it is not valid RFB');
    }
  }

  apply(view: DesktopView): void {
    const { rfb } = this;
    rfb.viewOnly = view.viewOnly;
    rfb.scaleViewport = view.scaling !== 'actual';
    rfb.resizeSession = view.scaling === 'remote';
    if (view.scaling !== 'remote') this.remoteSize.restore();
    rfb.clipViewport = view.scaling === 'actual' && view.panning;
    rfb.dragViewport = view.scaling === 'actual' && view.panning;
    rfb.qualityLevel = view.quality;
    rfb.compressionLevel = view.compression;
    rfb.showDotCursor = view.dotCursor;
  }

  /** Presses the keys in order and releases them in reverse order. */
  press(keys: readonly Key[]): void {
    for (const { keysym, code } of keys) this.rfb.sendKey(keysym, code, true);
    for (const { keysym, code } of [...keys].reverse()) this.rfb.sendKey(keysym, code, false);
  }

  sendClipboard(text: string): void {
    this.rfb.clipboardPasteFrom(text);
  }

  signIn(credentials: Credentials): void {
    this.rfb.sendCredentials(credentials);
  }

  /** The user has verified the key, see {@link DesktopListener.verificationRequested}. */
  approveServer(): void {
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

  /** @returns the picture as PNG */
  screenshot(): Promise<Blob> {
    return new Promise((resolve, reject) => {
      this.rfb.toBlob(blob => {
        if (blob) resolve(blob);
        else reject(new Error('The browser did not create the picture'));
      }, 'image/png');
    });
  }

  /** A static copy of the picture as it is shown now. */
  picture(): HTMLCanvasElement {
    const shown = this.element.querySelector('canvas')!;
    const copy = document.createElement('canvas');
    [copy.width, copy.height] = [shown.width, shown.height];
    // Positions the copy as noVNC positions its own canvas.
    copy.style.cssText = shown.style.cssText;
    copy.style.margin = 'auto';
    if (copy.width * copy.height > 0) copy.getContext('2d')?.drawImage(shown, 0, 0);
    return copy;
  }

  focus(): void {
    this.rfb.focus({ preventScroll: true });
  }

  /** Called before the session ends, while the server still accepts requests. */
  restoreRemoteSize(): void {
    this.rfb.resizeSession = false;
    this.remoteSize.restore();
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.rfb.disconnect();
  }

  private listen(): void {
    const { rfb, listener } = this;
    rfb.addEventListener('connect', () => listener.started());
    rfb.addEventListener('desktopname', ({ detail }) => listener.nameChanged(detail.name));
    rfb.addEventListener('bell', () => listener.bell());
    rfb.addEventListener('clipboard', ({ detail }) => listener.clipboardReceived(detail.text));
    rfb.addEventListener('credentialsrequired', ({ detail }) =>
      listener.credentialsRequested(CREDENTIALS.filter(kind => detail.types.includes(kind))),
    );
    rfb.addEventListener('serververification', ({ detail }) =>
      listener.verificationRequested(detail.publickey),
    );
    rfb.addEventListener('securityfailure', ({ detail }) =>
      listener.signInRefused(detail.reason ?? ''),
    );
    rfb.addEventListener('capabilities', ({ detail }) =>
      listener.powerOffered(detail.capabilities.power),
    );
    rfb.addEventListener('disconnect', () => {
      if (this.disposed) return;
      this.disposed = true;
      listener.failed('');
    });
  }
}
