import { inject, Injectable } from '@angular/core';
import { FetchClient, type IFetchOptions } from '@c8y/client';
import {
  type FileCalls,
  type PlatformAnswer,
  PlatformCalls,
  type StreamCalls,
} from './platform-calls';
import { ServicePath } from './service-path';

const ACCEPTS = { Accept: 'application/json' };

/** fetch rejects only if no response arrived: the connection was cut, refused or blocked. */
const NO_ANSWER: PlatformAnswer = { status: 0, body: undefined };

/** {@link PlatformCalls} through the SDK’s client, which adds the user’s credentials. */
@Injectable({ providedIn: 'root' })
export class SdkPlatformCalls extends PlatformCalls implements FileCalls, StreamCalls {
  private readonly client = inject(FetchClient);
  private readonly service = new ServicePath();

  call(method: string, path: string, body?: object, ifMatch?: string): Promise<PlatformAnswer> {
    const headers: Record<string, string> = ifMatch === undefined ? {} : { 'If-Match': ifMatch };
    return body
      ? this.send(method, path, JSON.stringify(body), 'application/json', headers)
      : this.answer(path, { method, headers: ACCEPTS });
  }

  upload(path: string, file: string, mediaType: string): Promise<PlatformAnswer> {
    return this.send('POST', path, file, mediaType);
  }

  async download(path: string): Promise<PlatformAnswer & { file?: Blob }> {
    try {
      await this.service.ready();
      const response = await this.client.fetch(this.service.in(path), { method: 'GET' });
      const { status } = response;
      if (status === 200) return { status, body: undefined, file: await response.blob() };
      return { status, body: parsed(await response.text()) };
    } catch {
      return NO_ANSWER;
    }
  }

  async *stream(path: string, accept: string, signal: AbortSignal): AsyncGenerator<string> {
    await this.service.ready();
    const options = { method: 'GET', headers: { Accept: accept }, signal };
    const response = await this.client.fetch(this.service.in(path), options);
    if (response.status !== 200 || !response.body) return;
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const decoder = new TextDecoder();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        yield decoder.decode(value, { stream: true });
      }
    } finally {
      reader.cancel().catch(() => undefined);
    }
  }

  webSocketAddress(path: string): string {
    // A ticket has been requested before, so the configuration is known.
    const url = this.client.getUrl(this.service.in(path));
    const address = new URL(url, window.location.href);
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
    return address.href;
  }

  basicToken(): string | undefined {
    return /^Basic (\S+)$/.exec(this.signedIn('Authorization') ?? '')?.[1];
  }

  xsrfToken(): string | undefined {
    return this.basicToken() === undefined ? this.signedIn('X-XSRF-TOKEN') : undefined;
  }

  private signedIn(header: string): string | undefined {
    const { headers } = this.client.getFetchOptions({}) as { headers?: Record<string, string> };
    return headers?.[header];
  }

  private send(
    method: string,
    path: string,
    body: string,
    mediaType: string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<PlatformAnswer> {
    const headers = { ...ACCEPTS, 'Content-Type': mediaType, ...more };
    return this.answer(path, { method, headers, body });
  }

  private async answer(path: string, options: IFetchOptions): Promise<PlatformAnswer> {
    try {
      await this.service.ready();
      const response = await this.client.fetch(this.service.in(path), options);
      const etag = response.headers?.get('ETag');
      const answer = { status: response.status, body: parsed(await response.text()) };
      return etag ? { ...answer, etag } : answer;
    } catch {
      return NO_ANSWER;
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
