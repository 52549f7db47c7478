import { SINGLE_REPLICA } from '../cluster/cluster';
import { isRefusal } from '@remote-access/contracts';
import type { ConnectGrant } from './connect-policy';
import { Tickets } from './tickets';

const USE = { deviceId: '1001', endpointId: '2', origin: 'https://a.example' };
const grantOf = (userName: string): ConnectGrant =>
  ({ caller: { tenant: 't1001', userName } }) as ConnectGrant;

let tickets: Tickets;
beforeEach(() => {
  jest.useFakeTimers();
  tickets = new Tickets(SINGLE_REPLICA);
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
