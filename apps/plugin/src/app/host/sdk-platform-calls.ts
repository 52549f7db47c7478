import { inject, Injectable } from '@angular/core';
import { FetchClient, type IFetchOptions } from '@c8y/client';
import { PlatformCalls, type PlatformAnswer } from './platform-calls';

/** {@link PlatformCalls} through the SDK's client, which knows how the user is signed in. */
@Injectable({ providedIn: 'root' })
export class SdkPlatformCalls extends PlatformCalls {
  private readonly client = inject(FetchClient);

  async call(method: string, path: string, body?: object): Promise<PlatformAnswer> {
    const accepts = { Accept: 'application/json' };
    const options: IFetchOptions = body
      ? {
          method,
          headers: { ...accepts, 'Content-Type': 'application/json' },
          body: JSON.stringify(body),
        }
      : { method, headers: accepts };
    try {
      const response = await this.client.fetch(path, options);
      const text = await response.text();
      return { status: response.status, body: parsed(text) };
    } catch {
      // fetch rejects only when no answer came: cut off, refused, blocked.
      return { status: 0, body: undefined };
    }
  }

  webSocketAddress(path: string): string {
    const address = new URL(this.client.getUrl(path), window.location.href);
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
    return address.href;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
