import type { Key } from './key-combination';

/** How a picture larger or smaller than its place is shown. */
export const SCALINGS = ['fit', 'remote', 'actual'] as const;
export type Scaling = (typeof SCALINGS)[number];

/** What can be changed while a desktop is shown. */
export interface DesktopView {
  readonly scaling: Scaling;
  /** Nothing is sent: no key, no pointer, no clipboard. */
  readonly viewOnly: boolean;
  /** With `actual`: the pointer moves the picture in place of the machine's pointer. */
  readonly panning: boolean;
  /** JPEG quality and effort of compression, 0 to 9 each, as RFB's pseudo-encodings count. */
  readonly quality: number;
  readonly compression: number;
  /** A dot where the machine shows no pointer of its own. */
  readonly dotCursor: boolean;
}

/** What a server asks for before it lets anybody in. */
export const CREDENTIALS = ['username', 'password', 'target'] as const;
export type CredentialKind = (typeof CREDENTIALS)[number];
export type Credentials = Partial<Record<CredentialKind, string>>;

export type PowerAction = 'shutdown' | 'reboot' | 'reset';

/** A desktop on the page: what a session needs of it, whatever draws it. */
export interface DesktopScreen {
  /**
   * Takes bytes of the server.
   * @throws when they break the protocol beyond what can be shown
   */
  receive(bytes: Uint8Array<ArrayBuffer>): void;
  apply(view: DesktopView): void;
  /** Presses the keys in order and releases them in the opposite order. */
  press(keys: readonly Key[]): void;
  /** Gives text to the machine's clipboard. */
  offer(text: string): void;
  signIn(credentials: Credentials): void;
  /** The user has verified the server's key, see {@link DesktopListener.verifyServer}. */
  approve(): void;
  power(action: PowerAction): void;
  picture(): Promise<Blob>;
  focus(): void;
  dispose(): void;
}

/** What happens at a desktop. Texts come from the far end: never markup. */
export interface DesktopListener {
  send(bytes: Uint8Array<ArrayBuffer>): void;
  /** The handshake is over, and pictures come. */
  started(): void;
  named(name: string): void;
  /** The keyboard shall go elsewhere on the page. */
  left(): void;
  /** A framebuffer update is on the screen. */
  drawn(): void;
  bell(): void;
  copied(text: string): void;
  askCredentials(kinds: readonly CredentialKind[]): void;
  /** RA2: the user must confirm the server's public key, big endian, before anything is sent. */
  verifyServer(publicKey: Uint8Array<ArrayBuffer>): void;
  /** The server refused the sign-in, with its own reason where it gave one. */
  refused(reason: string): void;
  powerOffered(offered: boolean): void;
  /** The viewer gave up: what came cannot be shown. */
  broken(reason: string): void;
}
