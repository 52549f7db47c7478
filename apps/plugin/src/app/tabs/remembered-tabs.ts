import { inject, Injectable } from '@angular/core';
import { currentUserName } from '../host/page-context';
import { newResumeKey } from '../session/resume-claim';
import { forgetSessions, holdSession } from '../session/saved-session';
import { SavedTabs, type SavedLayout } from './saved-tabs';
import type { SessionTabs } from './session-tabs';
import { TabAddress } from './tab-address';

/** The tabs of this window across reloads. Provided by the page. */
@Injectable()
export class RememberedTabs {
  private readonly saved = new SavedTabs(
    () => sessionStorage,
    currentUserName(),
    inject(TabAddress).isPopup ? 'popup' : 'page',
  );
  /** Names this window, as long as it is open. */
  private page = newResumeKey();
  private release: (() => void) | undefined;
  private isReady = false;
  private isFrozen = false;

  /** Brings back the tabs of before a reload. At once, unless there are any. */
  async restore(tabs: SessionTabs): Promise<void> {
    const layout = this.saved.read();
    const release = layout && (await holdSession(pageLock(layout.page)));
    if (layout && release) {
      this.page = layout.page;
      this.release = release;
      tabs.restore(layout);
    } else {
      // Whatever is stored is a copy of another window's, or of a page that was left.
      forgetSessions(() => sessionStorage);
      void holdSession(pageLock(this.page)).then(held => (this.release = held));
    }
    this.isReady = true;
  }

  save(tabs: SessionTabs): void {
    // Reads the tabs in any case, so that an effect follows them.
    const layout: SavedLayout = tabs.layout(this.page);
    if (this.isReady && !this.isFrozen) this.saved.save(layout);
  }

  /** The page is unloaded: sessions that end now come back after a reload. */
  freeze(): void {
    this.isFrozen = true;
  }

  thaw(): void {
    this.isFrozen = false;
  }

  /** The page is left for another one of the application. */
  forget(): void {
    this.isFrozen = true;
    this.saved.forget();
    this.release?.();
  }
}

function pageLock(page: string): string {
  return `page.${page}`;
}
