import { provideZonelessChangeDetection } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { provideRouter, type Routes, withHashLocation } from '@angular/router';
import { NoVncScreen } from '../app/desktop/novnc-screen';
import { PlatformCalls } from '../app/host/platform-calls';
import { SdkPlatformCalls } from '../app/host/sdk-platform-calls';
import { shellAddress } from '../app/host/window-address';
import { SessionPageComponent } from '../app/tabs/session-page.component';
import { leaveGuard } from '../app/ui/leavable-page';
import { whenIdle } from '../app/ui/when-idle';
import { startWindow, WINDOW_START } from './host/window-start';
import { WindowComponent } from './window.component';

/** Query parameter that names the application that opened the window. */
const OPENER = 'app';

/** A page that stays busy this long is drawing the session's output. */
const STYLES_WITHIN_MS = 1_000;

/** Everything else, including the way back to the endpoints, is in the full product. */
function leaveForShell(path: string): false {
  location.assign(shellAddress(queryOf(location.hash).get(OPENER), path));
  return false;
}

function queryOf(hash: string): URLSearchParams {
  return new URLSearchParams(hash.split('?')[1]);
}

/** Last, so that it delays nothing: the session is usable before all styles are applied. */
function loadProductStyles(): void {
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = 'product.css';
  // Before the components' styles, which override it.
  document.head.prepend(link);
}

const ROUTES: Routes = [
  {
    path: 'device/:deviceId/remote-access/:endpointId',
    canDeactivate: [leaveGuard],
    component: SessionPageComponent,
  },
  {
    path: '**',
    canActivate: [(_route: unknown, { url }: { url: string }) => leaveForShell(url)],
    children: [],
  },
];

async function main(): Promise<void> {
  const starting = startWindow();
  // Meanwhile, loads what the session will need.
  if (queryOf(location.hash).get('protocol') === 'VNC') void NoVncScreen.load();
  const start = await starting;
  if (!start) {
    leaveForShell(location.hash.slice(1));
    return;
  }
  if (start.isDark) document.body.classList.add('c8y-dark-theme');
  await bootstrapApplication(WindowComponent, {
    providers: [
      provideZonelessChangeDetection(),
      provideRouter(ROUTES, withHashLocation()),
      { provide: WINDOW_START, useValue: start },
      { provide: PlatformCalls, useExisting: SdkPlatformCalls },
    ],
  });
  whenIdle(loadProductStyles, STYLES_WITHIN_MS);
}

void main();
