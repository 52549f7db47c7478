import { gettext } from '../ui/message';
import { WatchLink, type WatchLinkOptions } from './watch-link';

/** As much of a WebSocket as the link uses. */
class FakeSocket {
  readyState = 1;
  onmessage: ((event: { data: string }) => void) | undefined;
  onclose: ((event: { reason: string }) => void) | undefined;
  readonly close = jest.fn();

  says(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

let socket: FakeSocket;
let options: { [Name in keyof WatchLinkOptions]: jest.Mock };

beforeEach(async () => {
  socket = new FakeSocket();
  options = {
    requestTicket: jest.fn(() => Promise.resolve({ ticket: 'ticket' })),
    openSocket: jest.fn(() => socket),
    screen: jest.fn(),
    size: jest.fn(),
    draw: jest.fn(),
    changed: jest.fn(),
    closing: jest.fn(),
    ended: jest.fn(),
  };
  await new WatchLink(options).open();
});

it('says that watching will end, and goes on until it does', () => {
  socket.says({ type: 'closing', cause: 'shutdown', inMs: 2_000 });
  expect(options.closing.mock.calls).toEqual([
    [{ type: 'closing', cause: 'shutdown', inMs: 2_000 }],
  ]);
  socket.says({ type: 'size', cols: 80, rows: 24 });
  expect(options.size).toHaveBeenCalledTimes(1);
  expect(options.ended).not.toHaveBeenCalled();
});

it('says why it has ended, once', () => {
  const text = 'The service is stopping.';
  socket.says({ type: 'ended', by: 'service', code: 'shutting-down', text, outputBytes: 0 });
  socket.onclose?.({ reason: 'later' });
  expect(options.ended).toHaveBeenCalledTimes(1);
  expect(options.ended).toHaveBeenCalledWith(expect.objectContaining({ text }));
});

it('says that the connection was lost if nothing else is known', () => {
  socket.onclose?.({ reason: '' });
  expect(options.ended).toHaveBeenCalledWith({ text: gettext('The connection was lost.') });
});
