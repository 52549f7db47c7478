import { InjectionToken } from '@angular/core';
import type { ManagedObject } from '@remote-access/contracts/platform';
import { FetchClient } from './client';

/** What the shell would know before it shows a session's page. */
export interface WindowStart {
  readonly userName: string;
  /** By id; empty if the device cannot be read. */
  readonly devices: Readonly<Record<string, ManagedObject>>;
  /** Translations, keyed by English text. */
  readonly texts: Readonly<Record<string, string>>;
  readonly isDark: boolean;
}

export const WINDOW_START = new InjectionToken<WindowStart>('WindowStart');

/** Where the Web SDK stores the user's choice of language. */
const LANGUAGE_ITEM = 'c8y_language';
const THEME_ITEM = 'c8y-theme-preference';

const DEVICE = /^#\/device\/([^/?]+)\//;

/** @returns `undefined` if nobody is signed in here */
export async function startWindow(): Promise<WindowStart | undefined> {
  const client = new FetchClient();
  const read = async (path: string): Promise<unknown> => {
    const response = await client.fetch(path, { headers: { Accept: 'application/json' } });
    return response.ok ? ((await response.json()) as unknown) : undefined;
  };
  const [, deviceId] = DEVICE.exec(location.hash) ?? [];
  const [user, device, texts] = await Promise.all([
    read('/user/currentUser'),
    deviceId && read(`/inventory/managedObjects/${deviceId}?withChildren=false`),
    readTexts().catch(() => ({})),
  ]);
  const { userName } = Object(user) as { userName?: unknown };
  if (typeof userName !== 'string') return undefined;
  return {
    userName,
    devices: deviceId && device ? { [decodeURIComponent(deviceId)]: device as ManagedObject } : {},
    texts,
    isDark: isDark(localStorage.getItem(THEME_ITEM)),
  };
}

/** @param theme `light`, `dark` or `system`, as the Web SDK stores it */
export function isDark(theme: string | null): boolean {
  return theme === 'system' ? matchMedia('(prefers-color-scheme: dark)').matches : theme === 'dark';
}

async function readTexts(): Promise<Record<string, string>> {
  const [language = 'en'] = (localStorage.getItem(LANGUAGE_ITEM) ?? navigator.language).split(
    /[-_]/,
  );
  document.documentElement.lang = language;
  if (language !== 'de') return {};
  const response = await fetch('../de.json');
  const { de } = (await response.json()) as { de: Record<string, string> };
  return de;
}
