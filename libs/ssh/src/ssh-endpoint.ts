/** The server as the endpoint names it, for texts only: the gateway dials it. */
export interface SshEndpoint {
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
}

/** Proof of who signs in. The texts are secrets. */
export type SshSignIn =
  | { readonly type: 'password'; readonly username: string; readonly password: string }
  | { readonly type: 'key'; readonly username: string; readonly privateKey: string };

export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}
