import { waitUntil } from '@remote-access/testkit';
import { KillStand, type Victim, VICTIMS } from '../fixtures/kill-stand';
import { ResumingClient } from '../fixtures/resuming-client';
import { GATEWAY } from '../fixtures/stack';
import type { TerminalClient } from '../fixtures/terminal-client';

/** `npm run test:soak` kills every process in every state, other runs only some of them. */
const IS_FULL = Number(process.env['SOAK_SECONDS'] ?? 0) >= 60;

const STATES = [
  'ticket issued',
  'operation PENDING',
  'operation EXECUTING',
  'host key question',
  'signing in',
  'running',
  'detached',
  'ending',
] as const;
type State = (typeof STATES)[number];

const ALL = STATES.flatMap(state => VICTIMS.map(victim => [victim, state] as const));

const SOME: readonly (readonly [Victim, State])[] = [
  ['service', 'operation PENDING'],
  ['service', 'running'],
  ['replica', 'running'],
  ['agent', 'operation EXECUTING'],
  ['agent', 'detached'],
  ['sshd', 'signing in'],
  ['sshd', 'ending'],
  ['nats', 'running'],
];

/** A session in some state. */
interface Held {
  /** Ends it, in case it is still running. */
  leave(): Promise<void>;
}

let stand: KillStand;

beforeAll(async () => {
  stand = await KillStand.start();
  await opensAndEnds();
  await stand.isClean();
}, 90_000);
afterAll(() => stand.stop(), 30_000);

async function openTerminal(endpointId: string): Promise<TerminalClient> {
  return stand.service.openTerminal(await stand.service.ticketPath(endpointId, GATEWAY));
}

function held(client: TerminalClient): Held {
  return {
    leave: async () => {
      if (client.closeCode === undefined) client.disconnect();
      await client.closed();
    },
  };
}

async function echoes(client: TerminalClient): Promise<void> {
  await client.reaches('open');
  client.type("printf 'HE''RE'\n");
  await client.reads('HERE');
}

async function opensAndEnds(): Promise<void> {
  const client = await openTerminal(await stand.addShell());
  await echoes(client);
  await held(client).leave();
}

/** Opens a session and holds it in a state. */
async function enter(state: State): Promise<Held> {
  switch (state) {
    case 'ticket issued': {
      const path = await stand.service.ticketPath(await stand.addShell(), GATEWAY);
      const { service } = stand;
      return {
        leave: async () => {
          const client = await service.openTerminal(path).catch(() => undefined);
          if (client) await held(client).leave();
        },
      };
    }
    case 'operation PENDING':
    case 'operation EXECUTING': {
      stand.freeze('agent');
      const client = await openTerminal(await stand.addShell());
      const { operationId } = await client.message('status');
      if (state === 'operation EXECUTING') await stand.report(operationId!, 'EXECUTING');
      return held(client);
    }
    case 'host key question':
    case 'signing in': {
      const client = await openTerminal(await stand.addShell({ hostKey: null }));
      await client.message('host-key');
      if (state === 'signing in') {
        stand.freeze('sshd');
        client.send({ type: 'host-key-answer', answer: 'once' });
      }
      return held(client);
    }
    case 'running':
    case 'ending': {
      const client = await openTerminal(await stand.addShell());
      await echoes(client);
      if (state === 'ending') client.disconnect();
      return held(client);
    }
    case 'detached': {
      const call = { user: 'operator', headers: stand.headers };
      const client = await ResumingClient.open(stand, await stand.addShell(), call);
      await client.cut();
      // Nobody comes back: the session waits as long as the tenant allows, and ends.
      return { leave: () => Promise.resolve() };
    }
    default:
      return state satisfies never;
  }
}

it.each(IS_FULL ? ALL : SOME)(
  'kill -9 of %s, %s: nothing is left of the session, and another one works',
  async (victim, state) => {
    const session = await enter(state);
    await stand.kill(victim);
    await stand.heal(victim);
    await session.leave();
    await stand.isClean();
    await opensAndEnds();
    await stand.isClean();
  },
  180_000,
);

it('no session got a second end in its audit trail meanwhile', async () => {
  await waitUntil('operations are read', async () => (await stand.operations()).length > 0);
  await stand.isClean();
}, 90_000);
