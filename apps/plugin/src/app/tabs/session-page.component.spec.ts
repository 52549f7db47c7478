import {
  ChangeDetectionStrategy,
  Component,
  input,
  output,
  Pipe,
  type PipeTransform,
  signal,
} from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { provideRouter, Router } from '@angular/router';
import { RouterTestingHarness } from '@angular/router/testing';
import type { SessionState } from '../session/connection/session-machine';
import type { SessionTarget } from '../session/session-target';
import { leaveGuard } from '../ui/leavable-page';

/** What the page has requested and been told, and the responses that it gets. */
const mockSeen = {
  device: signal({ id: '1', name: 'Gateway 1' }),
  warned: [] as string[],
  asked: [] as string[],
  answers: [] as string[],
  picks: [] as object[],
  focused: [] as string[],
  sessions: [] as {
    tab(): string;
    target(): SessionTarget;
    shown(): boolean;
    active(): boolean;
    stateChanged: { emit(state: SessionState): void };
    noticed: { emit(text: string): void };
    isRestored(): boolean;
    dismissed: { emit(): void };
  }[],
};

jest.mock('../host/sdk', () => {
  @Pipe({ name: 'translate' })
  class C8yTranslatePipe implements PipeTransform {
    transform(text: string, values: Readonly<Record<string, string>> = {}): string {
      return text.replace(/\{\{ (\w+) \}\}/g, (_, name: string) => values[name] ?? '');
    }
  }
  @Component({
    selector: 'c8y-title',
    template: '<ng-content></ng-content>',
    changeDetection: ChangeDetectionStrategy.OnPush,
  })
  class TitleComponent {
    readonly pageTitleUpdate = input(true);
  }
  @Component({
    selector: '[c8yIcon]',
    template: '',
    changeDetection: ChangeDetectionStrategy.OnPush,
  })
  class IconDirective {
    readonly c8yIcon = input('');
  }
  class AlertService {
    warning = (text: string): number => mockSeen.warned.push(text);
  }
  return { AlertService, C8yTranslatePipe, IconDirective, TitleComponent };
});
jest.mock('../host/page-context', () => ({
  currentUserName: () => 'ana',
  currentDevice: () => mockSeen.device,
}));
jest.mock('../ui/question-dialog.component', () => ({
  QuestionDialog: class {
    ask = ({ title }: { title: string }): Promise<string | undefined> => {
      mockSeen.asked.push(title);
      return Promise.resolve(mockSeen.answers.shift());
    };
  },
}));
jest.mock('./endpoint-picker.component', () => ({
  EndpointPicker: class {
    pick = (): Promise<object | undefined> => Promise.resolve(mockSeen.picks.shift());
  },
}));
jest.mock('../session/session.component', () => {
  @Component({
    selector: 'ra-session',
    template: '<input />',
    changeDetection: ChangeDetectionStrategy.OnPush,
  })
  class SessionComponent {
    readonly target = input.required<SessionTarget>();
    readonly tab = input('');
    readonly active = input(true);
    readonly shown = input(true);
    readonly isRestored = input(false);
    readonly isPopup = input(false);
    readonly fullScreen = input(false);
    readonly isTitle = input(false);
    readonly stateChanged = output<SessionState>();
    readonly endpointFound = output<object>();
    readonly noticed = output<string>();
    readonly fullScreenToggled = output();
    readonly dismissed = output();
    focus = (): number => mockSeen.focused.push(this.tab());
    disconnect = (): void => {
      this.stateChanged.emit({ phase: 'ended' } as SessionState);
    };
    constructor() {
      mockSeen.sessions.push(this);
    }
  }
  return { SessionComponent };
});

@Component({ template: 'endpoints', changeDetection: ChangeDetectionStrategy.OnPush })
class ListComponent {}

const OPEN = { phase: 'open', startedAtMs: 0, reachedAtMs: {} } as SessionState;
let harness: RouterTestingHarness;

beforeEach(async () => {
  sessionStorage.clear();
  for (const list of [mockSeen.warned, mockSeen.asked, mockSeen.answers, mockSeen.picks]) {
    list.length = 0;
  }
  mockSeen.focused.length = mockSeen.sessions.length = 0;
  mockSeen.device.set({ id: '1', name: 'Gateway 1' });
  // Missing in jsdom.
  Object.defineProperty(document, 'fullscreenElement', { value: null, configurable: true });
  globalThis.ResizeObserver = jest.fn(() => ({
    observe: jest.fn(),
    unobserve: jest.fn(),
    disconnect: jest.fn(),
  }));
  globalThis.CSS ??= { escape: (text: string) => text } as typeof CSS;
  TestBed.configureTestingModule({
    providers: [
      (await import('../host/sdk')).AlertService,
      provideRouter([
        { path: 'device/:id/remote-access', component: ListComponent },
        {
          path: 'device/:id/remote-access/:endpointId',
          loadComponent: async () =>
            (await import('./session-page.component')).SessionPageComponent,
          canDeactivate: [leaveGuard],
        },
      ]),
    ],
  });
  harness = await RouterTestingHarness.create();
});

async function settle(): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    await harness.fixture.whenStable();
    await new Promise(resolve => setTimeout(resolve));
  }
}

async function show(url: string): Promise<void> {
  await harness.navigateByUrl(url);
  await settle();
}

const page = (): HTMLElement => harness.routeNativeElement!;
const tabs = (): HTMLElement[] => [...page().querySelectorAll<HTMLElement>('[role=tab]')];
const running = async (): Promise<void> => {
  for (const { stateChanged } of mockSeen.sessions) stateChanged.emit(OPEN);
  await settle();
};
const button = (label: string): HTMLElement =>
  page().querySelector<HTMLElement>(`.actions [aria-label="${label}"]`)!;
const pick = async (endpointId: string, deviceId = '1'): Promise<void> => {
  mockSeen.picks.push({ deviceId, deviceName: `Gateway ${deviceId}`, endpointId });
  button('New tab').click();
  await settle();
};

describe('the page of sessions', () => {
  it('shows the session of its address in a tab', async () => {
    await show('/device/1/remote-access/5');
    expect(mockSeen.sessions.map(one => one.target())).toEqual([
      { deviceId: '1', gateway: 'Gateway 1', endpointId: '5' },
    ]);
    const [only] = tabs();
    expect(only!.getAttribute('aria-selected')).toBe('true');
    const panel = page().querySelector(`#${only!.getAttribute('aria-controls')}`)!;
    expect(panel.getAttribute('aria-labelledby')).toBe(only!.id);
  });

  it('opens another one next to it, whose address it then has', async () => {
    await show('/device/1/remote-access/5');
    await running();
    await pick('6');
    expect(mockSeen.sessions.map(one => [one.target().endpointId, one.shown()])).toEqual([
      ['5', false],
      ['6', true],
    ]);
    expect(TestBed.inject(Router).url).toBe('/device/1/remote-access/6');
    expect(mockSeen.asked).toEqual([]);
    tabs()[0]!.click();
    await settle();
    expect(TestBed.inject(Router).url).toBe('/device/1/remote-access/5');
    expect(mockSeen.sessions).toHaveLength(2);
  });

  it('opens a tab for the address of another session, and finds an existing one', async () => {
    await show('/device/1/remote-access/5');
    await running();
    mockSeen.device.set({ id: '2', name: 'Gateway 2' });
    await show('/device/2/remote-access/5');
    mockSeen.device.set({ id: '1', name: 'Gateway 1' });
    await show('/device/1/remote-access/5');
    expect(mockSeen.sessions.map(one => [one.target().deviceId, one.active()])).toEqual([
      ['1', true],
      ['2', false],
    ]);
    expect(mockSeen.asked).toEqual([]);
  });

  it('asks before it is left while sessions run', async () => {
    await show('/device/1/remote-access/5');
    await running();
    await show('/device/1/remote-access');
    expect([mockSeen.asked, tabs().length]).toEqual([['Leave the session?'], 1]);
    await pick('6');
    await running();
    mockSeen.answers.push('leave');
    await show('/device/1/remote-access');
    expect(mockSeen.asked.at(-1)).toBe('Leave the sessions?');
    expect(page().textContent).toBe('endpoints');
  });

  it('has two sessions side by side', async () => {
    await show('/device/1/remote-access/5');
    mockSeen.picks.push({ deviceId: '1', deviceName: 'Gateway 1', endpointId: '6' });
    const split = page().querySelector<HTMLElement>('.actions [aria-pressed]')!;
    split.click();
    await settle();
    expect(mockSeen.sessions.map(one => [one.shown(), one.active()])).toEqual([
      [true, false],
      [true, true],
    ]);
    const divider = page().querySelector<HTMLElement>('[role=separator]')!;
    divider.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft' }));
    await settle();
    expect(divider.getAttribute('aria-valuenow')).toBe('45');
    page().querySelector<HTMLElement>('ra-session input')!.focus();
    await settle();
    expect(mockSeen.sessions.map(one => one.active())).toEqual([true, false]);
    mockSeen.focused.length = 0;
    split.click();
    await settle();
    expect(mockSeen.sessions.map(one => one.shown())).toEqual([true, false]);
    // The next key goes to the session, not to the button.
    expect(mockSeen.focused).toEqual([mockSeen.sessions[0]!.tab()]);
  });

  it('asks before it closes a tab with a running session, and goes to the list after the last', async () => {
    await show('/device/1/remote-access/5');
    await running();
    const close = async (): Promise<void> => {
      page().querySelector<HTMLElement>('.close-tab')!.click();
      await settle();
    };
    await close();
    expect([mockSeen.asked, tabs().length]).toEqual([['Close the tab?'], 1]);
    mockSeen.answers.push('close');
    await close();
    expect(TestBed.inject(Router).url).toBe('/device/1/remote-access');
    expect(mockSeen.asked).toHaveLength(2);
  });

  it('says which tab needs attention', async () => {
    await show('/device/1/remote-access/5');
    await pick('6');
    await running();
    mockSeen.sessions[0]!.noticed.emit('Bell');
    mockSeen.sessions[1]!.noticed.emit('Bell');
    await settle();
    expect(tabs().map(tab => tab.title.includes('needs attention'))).toEqual([true, false]);
  });

  it('says that it is full', async () => {
    await show('/device/1/remote-access/5');
    for (let count = 0; count < 10; count += 1) await pick('6');
    expect(tabs()).toHaveLength(10);
    expect(mockSeen.warned).toEqual([expect.stringMatching(/^This window has 10 sessions/)]);
    expect(mockSeen.picks).toHaveLength(1);
  });

  it('is operated by keyboard, even from within a viewer', async () => {
    await show('/device/1/remote-access/5');
    await pick('6');
    await pick('7');
    const press = async (on: HTMLElement, key: string, modifiers: object = {}): Promise<void> => {
      const event = new KeyboardEvent('keydown', { key, bubbles: true, ...modifiers });
      on.dispatchEvent(event);
      await settle();
    };
    const endpoints = (): string[] =>
      tabs()
        .map(tab => mockSeen.sessions.find(one => tab.id.endsWith(`-${one.tab()}`))!)
        .map(one => one.target().endpointId + (one.active() ? '!' : ''));
    const viewer = page().querySelectorAll<HTMLElement>('ra-session input')[2]!;
    const CTRL_ALT = { ctrlKey: true, altKey: true };
    await press(viewer, 'PageDown', CTRL_ALT);
    expect(endpoints()).toEqual(['5!', '6', '7']);
    expect(mockSeen.focused.at(-1)).toBe('1');
    await press(viewer, 'PageUp', { ...CTRL_ALT, shiftKey: true });
    await press(viewer, 'PageDown', { ...CTRL_ALT, shiftKey: true });
    expect(endpoints()).toEqual(['6', '5!', '7']);
    await press(viewer, 'F6', { ctrlKey: true, shiftKey: true });
    expect(document.activeElement).toBe(tabs()[1]);
    await press(tabs()[1]!, 'ArrowRight');
    expect(endpoints()).toEqual(['6', '5', '7!']);
    expect(document.activeElement).toBe(tabs()[2]);
    await press(tabs()[2]!, 'ArrowRight', { shiftKey: true });
    await press(tabs()[2]!, 'ArrowLeft', { shiftKey: true });
    expect(endpoints()).toEqual(['6', '7!', '5']);
    await press(tabs()[1]!, 'Home');
    await press(tabs()[0]!, 'Delete');
    expect(endpoints()).toEqual(['7!', '5']);
  });

  it('restores the tabs with running sessions after a reload', async () => {
    await show('/device/1/remote-access/5');
    await pick('6');
    await running();
    dispatchEvent(new Event('pagehide'));
    for (const { stateChanged } of mockSeen.sessions) {
      stateChanged.emit({ phase: 'ended' } as SessionState);
    }
    await settle();
    const stored = sessionStorage.getItem('remoteaccess.tabs')!;
    mockSeen.answers.push('leave');
    await show('/device/1/remote-access');
    expect(sessionStorage.getItem('remoteaccess.tabs')).toBeNull();

    sessionStorage.setItem('remoteaccess.tabs', stored);
    mockSeen.sessions.length = 0;
    await show('/device/1/remote-access/6');
    expect(
      mockSeen.sessions.map(one => [one.target().endpointId, one.isRestored(), one.active()]),
    ).toEqual([
      ['5', true, false],
      ['6', true, true],
    ]);
  });
});
