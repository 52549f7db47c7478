import { inject, Injectable } from '@angular/core';
import { FetchClient, type IFetchOptions } from '@c8y/client';
import {
  type CallOptions,
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

  call(
    method: string,
    path: string,
    body?: object,
    { ifMatch, isQuiet = false }: CallOptions = {},
  ): Promise<PlatformAnswer> {
    const headers = { ...ACCEPTS, ...(ifMatch !== undefined && { 'If-Match': ifMatch }) };
    return body
      ? this.answer(path, { method, ...jsonOf(body, headers) }, isQuiet)
      : this.answer(path, { method, headers: ACCEPTS }, isQuiet);
  }

  upload(path: string, file: string, mediaType: string): Promise<PlatformAnswer> {
    const headers = { ...ACCEPTS, 'Content-Type': mediaType };
    return this.answer(path, { method: 'POST', headers, body: file });
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

  /**
   * The SDK shows a loading bar during its own requests. Changing it makes the browser compute the
   * styles of the whole page, twice for each request.
   */
  private fetch(path: string, options: IFetchOptions, isQuiet: boolean): Promise<Response> {
    const { client } = this;
    if (!isQuiet) return client.fetch(path, options);
    return fetch(client.getUrl(path), client.getFetchOptions(options) as RequestInit);
  }

  private signedIn(header: string): string | undefined {
    const { headers } = this.client.getFetchOptions({}) as { headers?: Record<string, string> };
    return headers?.[header];
  }

  private async answer(
    path: string,
    options: IFetchOptions,
    isQuiet = false,
  ): Promise<PlatformAnswer> {
    try {
      await this.service.ready();
      const response = await this.fetch(this.service.in(path), options, isQuiet);
      const etag = response.headers?.get('ETag');
      const answer = { status: response.status, body: parsed(await response.text()) };
      return etag ? { ...answer, etag } : answer;
    } catch {
      return NO_ANSWER;
    }
  }
}

function jsonOf(body: object, headers: Record<string, string>): IFetchOptions {
  return {
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
