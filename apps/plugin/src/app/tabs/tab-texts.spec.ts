import type { Endpoint } from '@remote-access/contracts';
import type { SessionState } from '../session/connection/session-machine';
import { SessionTab } from './session-tabs';
import { tabNamesOf, tabStateOf } from './tab-texts';

const FACTS = { startedAtMs: 0, reachedAtMs: {} };
const QUESTION = { type: 'prompt', id: 1, title: '', instructions: '', prompts: [] } as const;

function tabWith(state: object = { phase: 'idle' }): SessionTab {
  const tab = new SessionTab('1', { deviceId: '1001', gateway: 'Factory', endpointId: '2' });
  tab.state.set({ ...FACTS, ...state } as SessionState);
  return tab;
}

describe('what a tab says', () => {
  it.each([
    ['opening', { phase: 'idle' }],
    ['opening', { phase: 'connecting' }],
    ['running', { phase: 'open' }],
    ['reconnecting', { phase: 'interrupted' }],
    ['ended', { phase: 'ended' }],
    ['attention', { phase: 'connecting', question: QUESTION }],
    ['attention', { phase: 'open', question: QUESTION }],
  ])('is that its session is %s', (expected, state) => {
    expect(tabStateOf(tabWith(state))).toBe(expected);
  });

  it('is that it needs attention if something has happened unseen', () => {
    const tab = tabWith({ phase: 'ended' });
    tab.needsAttention.set(true);
    expect(tabStateOf(tab)).toBe('attention');
  });

  it('names gateway, endpoint, host and user, as far as they are known', () => {
    const tab = tabWith();
    expect(tabNamesOf(tab)).toEqual({ name: 'Factory', where: '' });
    const credentials = { type: 'USER_PASS', username: 'root' };
    tab.endpoint.set({ name: 'Shell', hostname: '10.0.0.7', port: 22, credentials } as Endpoint);
    expect(tabNamesOf(tab)).toEqual({ name: 'Shell', where: 'root@10.0.0.7:22 · Factory' });
  });
});
