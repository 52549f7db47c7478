import { Injectable } from '@angular/core';

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

/**
 * Where the Web SDK stores Basic credentials; a pop-up receives a copy of its opener's session
 * storage.
 */
const BASIC_ITEM = '_tcy8';
const ONE_TIME_CODE_ITEM = 'TFAToken';

/** A cookie that the platform sets in addition to the sign-in cookie, which scripts cannot read. */
const XSRF_COOKIE = /(?:^|;)\s*XSRF-TOKEN\s*=\s*([^;]+)/;

/**
 * The headers that a request of the shell that opened this page would have. Read for each request,
 * because the shell renews its sign-in, and removes it when the user signs out.
 */
export function signedInHeaders(): Record<string, string> {
  const basic = stored(BASIC_ITEM);
  if (basic === undefined) {
    const [, xsrfToken] = XSRF_COOKIE.exec(document.cookie) ?? [];
    return { UseXBasic: 'true', ...(xsrfToken !== undefined && { 'X-XSRF-TOKEN': xsrfToken }) };
  }
  const code = stored(ONE_TIME_CODE_ITEM);
  return {
    UseXBasic: 'true',
    Authorization: `Basic ${basic}`,
    ...(code !== undefined && { tfatoken: code }),
  };
}

function stored(item: string): string | undefined {
  return sessionStorage.getItem(item) ?? localStorage.getItem(item) ?? undefined;
}
