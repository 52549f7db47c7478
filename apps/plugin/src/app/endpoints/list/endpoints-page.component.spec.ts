import { ChangeDetectionStrategy, signal } from '@angular/core';
import { type ComponentFixture, TestBed } from '@angular/core/testing';
import { ROLES } from '@remote-access/contracts/platform';
import { PlatformCalls, type PlatformAnswer } from '../../host/platform-calls';
import { AlertService, BsModalService } from '../../host/sdk';
import { RunningSessions } from '../../session-lists/running-sessions';
import { EndpointsPageComponent } from './endpoints-page.component';

const mockDevice = signal({ id: '1001' });
const mockRoles = new Set<string>();

jest.mock('../../host/sdk', () => ({
  AlertService: class {
    warning = jest.fn();
  },
  BsModalService: class {
    show = jest.fn();
  },
}));
jest.mock('../../host/page-context', () => ({
  currentDevice: () => mockDevice,
  currentPermissions: () => ({ roles: mockRoles, devicePermissions: {} }),
}));

/** Both gateways have an endpoint 1. */
const listOf = (device: string): PlatformAnswer => ({
  status: 200,
  body: [{ id: '1', name: `Shell of ${device}` }],
});

describe('the tab of a gateway', () => {
  let fixture: ComponentFixture<EndpointsPageComponent>;
  let answers: Map<string, (answer: PlatformAnswer) => void>;

  beforeEach(() => {
    mockRoles.add(ROLES.remoteAccessRead);
    mockDevice.set({ id: '1001' });
    answers = new Map();
    const call = (_method: string, path: string): Promise<PlatformAnswer> =>
      new Promise(resolve => {
        const [, device] = /devices\/(\d+)\/configurations$/.exec(path) ?? [];
        if (device === undefined) resolve({ status: 404, body: {} });
        else answers.set(device, resolve);
      });
    const running = { watch: () => undefined, content: () => undefined, nowMs: () => 0 };
    // The state of the page, without the parts that show it.
    TestBed.overrideComponent(EndpointsPageComponent, {
      set: {
        imports: [],
        providers: [{ provide: RunningSessions, useValue: running }],
        changeDetection: ChangeDetectionStrategy.OnPush,
        templateUrl: undefined,
        styleUrl: undefined,
        template: '@for (one of endpoints() ?? []; track one.id) { {{ one.name }} }',
      },
    });
    TestBed.configureTestingModule({
      providers: [{ provide: PlatformCalls, useValue: { call } }, AlertService, BsModalService],
    });
    fixture = TestBed.createComponent(EndpointsPageComponent);
    fixture.detectChanges();
  });

  const answer = async (device: string): Promise<void> => {
    answers.get(device)!(listOf(device));
    // Until the promises of the page have settled.
    await new Promise(resolve => setTimeout(resolve));
    fixture.detectChanges();
  };
  const shown = (): string => (fixture.nativeElement as HTMLElement).textContent.trim();

  it('shows its endpoints', async () => {
    await answer('1001');
    expect(shown()).toBe('Shell of 1001');
  });

  it('shows nothing of the previous gateway, even if its answer is late', async () => {
    mockDevice.set({ id: '1002' });
    fixture.detectChanges();
    await answer('1001');
    expect(shown()).toBe('');
    await answer('1002');
    expect(shown()).toBe('Shell of 1002');
  });

  it('is not changed by an answer about the previous gateway', async () => {
    mockDevice.set({ id: '1002' });
    fixture.detectChanges();
    await answer('1002');
    await answer('1001');
    expect(shown()).toBe('Shell of 1002');
  });
});
