import { Emulator, type EmulatorOptions } from './emulator';
import type { Store } from './store/store';

export const PASSWORD = 'remote-access';

/** An emulator with the password that clients use. */
export function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  return Emulator.start({ password: PASSWORD, ...options });
}

/** A client of the emulator's REST API with Basic credentials. */
export class RestClient {
  constructor(
    private readonly url: string,
    /** `tenant/user` or `user`; `undefined` for a client without credentials. */
    private readonly user?: string,
    private readonly password = PASSWORD,
  ) {}

  get(path: string, headers?: Record<string, string>): Promise<Reply> {
    return this.send('GET', path, undefined, headers);
  }

  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Reply> {
    return this.send('POST', path, body, headers);
  }

  put(path: string, body: unknown): Promise<Reply> {
    return this.send('PUT', path, body);
  }

  delete(path: string): Promise<Reply> {
    return this.send('DELETE', path);
  }

  private async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const response = await fetch(this.url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(this.user !== undefined && {
          Authorization: `Basic ${btoa(`${this.user}:${this.password}`)}`,
        }),
        'Content-Type': 'application/json',
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : {},
      text,
    };
  }
}

export interface Reply {
  status: number;
  headers: Headers;
  /** Untyped, because specs read many shapes. */
  body: any;
  text: string;
}

/** Removes roles from devices, so that they can access only what they own. */
export function withoutDeviceRoles({ store }: { readonly store: Store }): void {
  for (const account of store.tenant('t1001')!.accounts.list()) {
    if (account.kind === 'device') account.roles = ['ROLE_DEVICE'];
  }
}
