import { SINGLE_REPLICA } from '../cluster/cluster';
import { isRefusal } from '@remote-access/contracts';
import { MemoryBudget, memoryLimits } from '../memory/memory-budget';
import type { ConnectGrant } from './connect-policy';
import { Tickets } from './tickets';

const USE = { deviceId: '1001', endpointId: '2', origin: 'https://a.example' };
const grantOf = (userName: string): ConnectGrant => {
  const caller = { tenant: 't1001', userName, roles: new Set(), devicePermissions: {} };
  return { caller } as unknown as ConnectGrant;
};

let tickets: Tickets;
let memory: MemoryBudget;
beforeEach(() => {
  jest.useFakeTimers();
  memory = new MemoryBudget(memoryLimits(64 * 1024 * 1024, false));
  tickets = new Tickets(SINGLE_REPLICA, memory);
});
afterEach(() => {
  tickets.onModuleDestroy();
  jest.useRealTimers();
});

function issue(grant = grantOf('ana')): string {
  const ticket = tickets.issue(grant, USE);
  if (isRefusal(ticket)) throw ticket;
  return ticket.ticket;
}

it('exchanges a ticket for its grant once', () => {
  const grant = grantOf('ana');
  const ticket = issue(grant);
  expect(tickets.redeem(ticket, USE)).toBe(grant);
  expect(tickets.redeem(ticket, USE)).toMatchObject({ code: 'ticket-invalid' });
});

it.each([
  ['another endpoint', { endpointId: '3' }],
  ['another device', { deviceId: '1002' }],
  ['another origin', { origin: 'https://b.example' }],
])('invalidates a ticket that is presented for %s', (_name, other) => {
  const ticket = issue();
  expect(tickets.redeem(ticket, { ...USE, ...other })).toMatchObject({ code: 'ticket-invalid' });
  expect(tickets.redeem(ticket, USE)).toMatchObject({ code: 'ticket-invalid' });
});

it('expires after 30 seconds', () => {
  const ticket = issue();
  jest.advanceTimersByTime(29_999);
  const other = issue();
  jest.advanceTimersByTime(1);
  expect(tickets.redeem(ticket, USE)).toMatchObject({ code: 'ticket-invalid' });
  expect(isRefusal(tickets.redeem(other, USE))).toBe(false);
});

it('limits the tickets per user', () => {
  const issued = Array.from({ length: 100 }, () => issue());
  expect(tickets.issue(grantOf('ana'), USE)).toMatchObject({ code: 'too-many-requests' });
  expect(issue(grantOf('ben'))).toHaveLength(43);
  tickets.redeem(issued[0]!, USE);
  expect(issue()).toHaveLength(43);
});

it('issues no ticket twice', () => {
  expect(new Set(Array.from({ length: 100 }, () => issue())).size).toBe(100);
});

it('counts pending tickets in the memory of their user, and refuses more (security)', () => {
  // Everyone with write access to the inventory controls the length of an endpoint's texts.
  const large = (userName: string): ConnectGrant => {
    const endpoint = { id: '2', name: 'n'.repeat(512 * 1024) };
    return { ...grantOf(userName), endpoint } as ConnectGrant;
  };
  const issued: string[] = [];
  for (;;) {
    const ticket = tickets.issue(large('ana'), USE);
    if (isRefusal(ticket)) {
      expect(ticket.message).toContain('The memory of a user is in use');
      break;
    }
    issued.push(ticket.ticket);
  }
  // 8 MiB for a user, two bytes per character.
  expect(issued).toHaveLength(7);
  issue(large('ben'));
  tickets.redeem(issued[0]!, USE);
  issue(large('ana'));
  jest.advanceTimersByTime(30_000);
  expect(memory.usedBytes).toBe(0);
});
