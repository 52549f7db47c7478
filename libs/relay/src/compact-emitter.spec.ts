import { CompactEmitter } from './compact-emitter';

interface Events {
  told: [text: string];
  error: [cause: Error];
}

class Teller extends CompactEmitter<Events> {
  constructor() {
    super({ told: undefined, error: undefined });
  }

  tell(text: string): void {
    this.emit('told', text);
  }

  fail(cause: Error): void {
    this.emit('error', cause);
  }
}

let teller: Teller;
let heard: string[];

beforeEach(() => {
  teller = new Teller();
  heard = [];
});

const listener = (name: string) => (text: string) => void heard.push(`${name}: ${text}`);

it('calls each listener with the details, in the order in which they were added', () => {
  teller.on('told', listener('a')).on('told', listener('b')).on('told', listener('c'));
  teller.tell('hello');
  expect(heard).toEqual(['a: hello', 'b: hello', 'c: hello']);
});

it('calls listeners with itself as `this`', () => {
  const seen: unknown[] = [];
  const look = function (this: unknown): void {
    seen.push(this);
  };
  teller.on('told', look).on('told', look);
  teller.tell('');
  expect(seen).toEqual([teller, teller]);
});

it('calls a listener of `once` a single time', () => {
  teller.once('told', listener('a')).on('told', listener('b'));
  teller.tell('1');
  teller.tell('2');
  expect(heard).toEqual(['a: 1', 'b: 1', 'b: 2']);
});

it('forgets listeners that were removed, also those of `once`', () => {
  const [a, b, c] = [listener('a'), listener('b'), listener('c')];
  teller.on('told', a).once('told', b).on('told', c);
  teller.off('told', a).off('told', b);
  teller.tell('hello');
  expect(heard).toEqual(['c: hello']);
  teller.off('told', c).off('told', c);
  teller.tell('again');
  expect(heard).toHaveLength(1);
});

it('still calls everyone when a listener removes another one', () => {
  const b = listener('b');
  teller.on('told', () => teller.off('told', b)).on('told', b);
  teller.tell('1');
  teller.tell('2');
  expect(heard).toEqual(['b: 1']);
});

it('throws an error that nobody listens for', () => {
  const cause = new Error('broken');
  expect(() => teller.fail(cause)).toThrow(cause);
  const listen = jest.fn();
  teller.on('error', listen);
  teller.fail(cause);
  expect(listen).toHaveBeenCalledWith(cause);
});
