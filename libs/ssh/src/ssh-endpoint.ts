/** The server as the endpoint names it, for texts only: the gateway dials it. */
export interface SshEndpoint {
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
}

/** Proof of who signs in. The texts are secrets, but for names and certificates. */
export type SshSignIn =
  | { readonly type: 'password'; readonly username: string; readonly password: string }
  | { readonly type: 'key'; readonly username: string; readonly privateKey: string }
  | {
      readonly type: 'certificate';
      readonly username: string;
      readonly privateKey: string;
      /** One line of OpenSSH, `type base64 [comment]`. */
      readonly certificate: string;
    };

/** What a server wants to know of a person while signing in. */
export interface SshQuestion {
  /** Empty where there is none. */
  readonly title: string;
  readonly instructions: string;
  readonly prompts: readonly { readonly text: string; readonly echo: boolean }[];
}

export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}
