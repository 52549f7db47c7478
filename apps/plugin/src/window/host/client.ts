import { Injectable } from '@angular/core';
import { signedInHeaders } from './shell-sign-in';

export interface IFetchOptions extends RequestInit {
  headers?: Record<string, string>;
}

/** Provides, in this page, what the rest of the plugin uses of the SDK's client. */
@Injectable({ providedIn: 'root' })
export class FetchClient {
  fetch(path: string, options: IFetchOptions): Promise<Response> {
    return fetch(this.getUrl(path), this.getFetchOptions(options));
  }

  getUrl(path: string): string {
    return new URL(path, location.origin).href;
  }

  getFetchOptions(options: IFetchOptions): IFetchOptions {
    return { ...options, headers: { ...signedInHeaders(), ...options.headers } };
  }
}
