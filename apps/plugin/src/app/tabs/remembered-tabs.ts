import { inject, Injectable } from '@angular/core';
import { currentUserName } from '../host/page-context';
import { newResumeKey } from '../session/connection/resume-claim';
import { forgetSessions, holdSession } from '../session/connection/saved-session';
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
  /** Identifies this window for as long as it is open. */
  private page = newResumeKey();
  private release: (() => void) | undefined;
  private isReady = false;
  private isFrozen = false;

  /** Restores the tabs from before a reload. Resolves immediately if there are none. */
  async restore(tabs: SessionTabs): Promise<void> {
    const layout = this.saved.read();
    const release = layout && (await holdSession(pageLock(layout.page)));
    if (layout && release) {
      this.page = layout.page;
      this.release = release;
      tabs.restore(layout);
    } else {
      // What is stored is a copy from another window, or belongs to a page that was left.
      forgetSessions(() => sessionStorage);
      void holdSession(pageLock(this.page)).then(held => (this.release = held));
    }
    this.isReady = true;
  }

  save(tabs: SessionTabs): void {
    // Read the tabs unconditionally, so that an effect tracks them.
    const layout: SavedLayout = tabs.layout(this.page);
    if (this.isReady && !this.isFrozen) this.saved.save(layout);
  }

  /** The page is being unloaded: sessions that end now are restored after a reload. */
  freeze(): void {
    this.isFrozen = true;
  }

  thaw(): void {
    this.isFrozen = false;
  }

  /** The user leaves for another page of the application. */
  forget(): void {
    this.isFrozen = true;
    this.saved.forget();
    this.release?.();
  }
}

function pageLock(page: string): string {
  return `page.${page}`;
}
