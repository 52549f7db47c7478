import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  effect,
  ElementRef,
  inject,
  Injector,
  signal,
  viewChild,
  viewChildren,
  type OnDestroy,
} from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { NavigationEnd, Router } from '@angular/router';
import { currentDevice } from '../host/page-context';
import { AlertService, C8yTranslatePipe, TitleComponent } from '../host/sdk';
import { BackgroundNotices, BrowserWindow } from '../session/browser-window';
import { isUnderWay } from '../session/connection/session-machine';
import { windowTitle, type SessionTarget } from '../session/session-target';
import { SessionComponent } from '../session/session.component';
import type { LeavablePage } from '../ui/leavable-page';
import { isLeaveShortcut, tabShortcutOf } from '../ui/page-shortcuts';
import { gettext } from '../ui/message';
import { QuestionDialog } from '../ui/question-dialog.component';
import { TranslateMessagePipe } from '../ui/translate-message.pipe';
import { EndpointPicker } from './endpoint-picker.component';
import { PaneDividerComponent } from './pane-divider.component';
import { RememberedTabs } from './remembered-tabs';
import { SessionTabs, type SessionTab } from './session-tabs';
import { closeQuestion, leaveQuestion, TOO_MANY_TABS } from './tab-texts';
import { TabAddress } from './tab-address';
import { TabStripComponent } from './tab-strip.component';

/** Two sessions side by side need at least this width, in pixels; otherwise they are stacked. */
const SIDE_BY_SIDE_FROM = 900;

/** The page of sessions: its tabs, and everything that exists once per window. */
@Component({
  selector: 'ra-session-page',
  imports: [
    C8yTranslatePipe,
    PaneDividerComponent,
    SessionComponent,
    TabStripComponent,
    TitleComponent,
  ],
  providers: [
    BrowserWindow,
    C8yTranslatePipe,
    EndpointPicker,
    QuestionDialog,
    RememberedTabs,
    TabAddress,
    TranslateMessagePipe,
  ],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: {
    '(document:visibilitychange)': 'updateVisibility()',
    '(document:fullscreenchange)': 'fullScreen.set(browserWindow.isFullScreen)',
    '(window:pagehide)': 'remembered.freeze()',
    '(window:pageshow)': 'remembered.thaw()',
    '(keydown)': 'leaveBar($event)',
  },
  templateUrl: './session-page.component.html',
  styleUrl: './session-page.component.css',
})
export class SessionPageComponent implements LeavablePage, OnDestroy {
  private readonly alerts = inject(AlertService);
  private readonly questions = inject(QuestionDialog);
  private readonly picker = inject(EndpointPicker);
  private readonly router = inject(Router);
  private readonly injector = inject(Injector);
  private readonly address = inject(TabAddress);
  private readonly texts = inject(TranslateMessagePipe);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);
  private readonly device = currentDevice();
  private readonly sessions = viewChildren(SessionComponent);
  private readonly strip = viewChild.required(TabStripComponent);
  private readonly panes = viewChild.required<ElementRef<HTMLElement>>('panes');
  protected readonly remembered = inject(RememberedTabs);
  protected readonly browserWindow = inject(BrowserWindow);
  private readonly background = new BackgroundNotices(this.browserWindow);

  protected readonly tabs = new SessionTabs();
  /** In a stable order: a viewer that is moved within the document loses its focus. */
  protected readonly panels = computed(() =>
    [...this.tabs.list()].sort((one, other) => Number(one.id) - Number(other.id)),
  );
  protected readonly isSplit = computed(() => this.tabs.shown().length > 1);
  protected readonly stacked = signal(false);
  protected readonly isPopup = this.address.isPopup;
  protected readonly fullScreen = signal(this.browserWindow.isFullScreen);
  protected readonly alone = computed(() => this.isPopup || this.fullScreen());

  private readonly keyListener = (event: KeyboardEvent): void => this.actOnShortcut(event);
  private readonly sizeObserver = new ResizeObserver(() => this.measure());
  private isDestroyed = false;

  constructor() {
    const { nativeElement } = this.host;
    // In the capture phase, before a terminal or a desktop receives the keys.
    nativeElement.addEventListener('keydown', this.keyListener, { capture: true });
    afterNextRender(() => this.sizeObserver.observe(this.panes().nativeElement));
    const navigations = this.router.events.pipe(takeUntilDestroyed(inject(DestroyRef)));
    void this.remembered.restore(this.tabs).then(() => {
      if (this.isDestroyed) return;
      this.follow();
      navigations.subscribe(event => {
        if (event instanceof NavigationEnd) this.follow();
      });
    });
    effect(() => {
      const active = this.tabs.active();
      const endpoint = active?.endpoint();
      if (active && endpoint)
        this.browserWindow.title = windowTitle(endpoint, active.target.gateway);
    });
    effect(() => this.remembered.save(this.tabs));
    effect(() => {
      const active = this.tabs.active();
      if (active) this.address.show(active.target);
    });
  }

  ngOnDestroy(): void {
    this.isDestroyed = true;
    this.host.nativeElement.removeEventListener('keydown', this.keyListener, { capture: true });
    this.sizeObserver.disconnect();
    this.remembered.forget();
    this.browserWindow.restore();
  }

  async mayLeave(): Promise<boolean> {
    const running = (): SessionTab[] => this.tabs.list().filter(tab => isUnderWay(tab.state()));
    if (running().length === 0) return true;
    const answer = await this.questions.ask(leaveQuestion(running().length));
    // The sessions may have ended while the dialog was open.
    return answer === 'leave' || running().length === 0;
  }

  protected isShown(tab: SessionTab): boolean {
    return this.tabs.shown().includes(tab);
  }

  /** The user switches to one of two sessions. */
  protected use(tab: SessionTab): void {
    if (this.tabs.active() !== tab && this.isShown(tab)) this.tabs.activate(tab);
  }

  protected enter(tab: SessionTab | undefined): void {
    if (!tab) return;
    this.tabs.activate(tab);
    afterNextRender(() => this.sessionOf(tab)?.focus(), { injector: this.injector });
  }

  protected async addTab(): Promise<SessionTab | undefined> {
    if (this.isFull()) return undefined;
    const { deviceId, gateway } = this.tabs.active()?.target ?? this.address.target(this.device());
    const picked = await this.picker.pick({ deviceId, deviceName: gateway });
    if (!picked || this.isDestroyed) return undefined;
    return this.open({
      deviceId: picked.deviceId,
      gateway: picked.deviceName,
      endpointId: picked.endpointId,
    });
  }

  /** Shows two sessions; if there is only one, the user chooses the second. */
  protected async toggleSplit(): Promise<void> {
    const { tabs } = this;
    const before = tabs.active();
    if (this.isSplit()) tabs.unsplit();
    else if (tabs.list().length > 1) tabs.splitWith();
    else if (before && (await this.addTab())) return tabs.splitWith(before);
    this.enter(tabs.active());
  }

  protected async close(tab: SessionTab): Promise<void> {
    if (isRunning(tab) && (await this.questions.ask(closeQuestion(tab))) !== 'close') {
      // The session may have ended while the dialog was open.
      if (isRunning(tab)) return;
    }
    this.sessionOf(tab)?.disconnect();
    const wasActive = this.tabs.active() === tab;
    this.tabs.remove(tab);
    if (this.tabs.list().length === 0) return this.leave(tab.target);
    if (wasActive) this.enter(this.tabs.active());
  }

  protected updateVisibility(): void {
    if (document.hidden) return;
    this.background.seen();
    for (const tab of this.tabs.shown()) tab.needsAttention.set(false);
  }

  protected notify(tab: SessionTab, text: string): void {
    if (!this.isShown(tab) || document.hidden) tab.needsAttention.set(true);
    const endpoint = tab.endpoint();
    const title = endpoint ? windowTitle(endpoint, tab.target.gateway) : tab.target.gateway;
    this.background.tell(title, this.texts.transform({ text }), () => this.enter(tab));
  }

  protected toggleFullScreen(): void {
    this.browserWindow
      .toggleFullScreen()
      .then(() => this.enter(this.tabs.active()))
      .catch(() => this.alerts.warning(gettext('The browser blocked full screen mode.')));
  }

  /** The shortcut for leaving a viewer leads from the bar on to the tabs, and from there back. */
  protected leaveBar(event: KeyboardEvent): void {
    if (event.defaultPrevented || !isLeaveShortcut(event)) return;
    event.preventDefault();
    const isInStrip = (event.target as Element).closest('ra-tab-strip') !== null;
    if (isInStrip) this.enter(this.tabs.active());
    else this.strip().focus();
  }

  private actOnShortcut(event: KeyboardEvent): void {
    const shortcut = tabShortcutOf(event);
    const active = this.tabs.active();
    if (!shortcut || !active) return;
    event.preventDefault();
    event.stopPropagation();
    if (shortcut.isMove) this.tabs.move(active, this.tabs.list().indexOf(active) + shortcut.by);
    else this.enter(this.tabs.neighbour(shortcut.by));
  }

  /** Shows the session that the address names. */
  private follow(): void {
    if (this.address.isShown) return;
    const target = this.address.target(this.device());
    const active = this.tabs.active();
    const found = target.takeOver === undefined && this.tabs.find(target);
    if (found) this.tabs.activate(found);
    else if (!this.open(target) && active) this.address.show(active.target);
  }

  private open(target: SessionTarget): SessionTab | undefined {
    if (this.isFull()) return undefined;
    const tab = this.tabs.open(target);
    this.tabs.activate(tab);
    return tab;
  }

  private isFull(): boolean {
    if (this.tabs.isFull()) this.alerts.warning(this.texts.transform(TOO_MANY_TABS));
    return this.tabs.isFull();
  }

  /** The last tab is closed. */
  private leave({ deviceId }: SessionTarget): void {
    if (this.isPopup) window.close();
    void this.router.navigate(['/device', deviceId, 'remote-access']);
  }

  private sessionOf(tab: SessionTab): SessionComponent | undefined {
    return this.sessions().find(session => session.tab() === tab.id);
  }

  private measure(): void {
    const { clientWidth, clientHeight } = this.panes().nativeElement;
    this.stacked.set(clientWidth < SIDE_BY_SIDE_FROM && clientHeight > clientWidth / 2);
  }
}

/** Whether closing the tab would lose anything. */
function isRunning(tab: SessionTab): boolean {
  return tab.state().phase === 'open' || tab.state().phase === 'interrupted';
}
