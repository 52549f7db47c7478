import { OptionNegotiator, type Side } from './option-negotiator';
import { COMMANDS, type Verb } from './telnet-codes';

const { WILL, WONT, DO, DONT } = COMMANDS;
const WORDS = { [WILL]: 'WILL', [WONT]: 'WONT', [DO]: 'DO', [DONT]: 'DONT' };

/** A negotiator that accepts option 1 on both sides, and what it sends. */
function negotiator(): { it: OptionNegotiator; said: string[]; changes: string[] } {
  const said: string[] = [];
  const changes: string[] = [];
  const it = new OptionNegotiator({
    agreed: { local: [1], remote: [1] },
    send: (verb, option) => said.push(`${WORDS[verb]} ${option}`),
    changed: (side, option, isOn) => changes.push(`${side} ${option} ${isOn ? 'on' : 'off'}`),
  });
  return { it, said, changes };
}

describe.each([
  ['local', DO, DONT, 'WILL', 'WONT'],
  ['remote', WILL, WONT, 'DO', 'DONT'],
] as [Side, Verb, Verb, string, string][])('%s options', (side, yes, no, ourYes, ourNo) => {
  it('are accepted once, however often they are requested', () => {
    const { it: options, said, changes } = negotiator();
    for (let count = 0; count < 5; count += 1) options.receive(yes, 1);
    expect(said).toEqual([`${ourYes} 1`]);
    expect(changes).toEqual([`${side} 1 on`]);
  });

  it('that are not supported are refused, and a refusal of them is not answered', () => {
    const { it: options, said } = negotiator();
    options.receive(yes, 99);
    options.receive(no, 99);
    expect(said).toEqual([`${ourNo} 99`]);
  });

  it('are disabled when the peer asks for it', () => {
    const { it: options, said, changes } = negotiator();
    options.receive(yes, 1);
    options.receive(no, 1);
    expect(said).toEqual([`${ourYes} 1`, `${ourNo} 1`]);
    expect(changes).toEqual([`${side} 1 on`, `${side} 1 off`]);
  });

  it('that were proposed are on after the answer, which is not answered itself', () => {
    const { it: options, said } = negotiator();
    options.enable(side, 1);
    expect(options.isOn(side, 1)).toBe(false);
    options.receive(yes, 1);
    expect(options.isOn(side, 1)).toBe(true);
    expect(said).toEqual([`${ourYes} 1`]);
  });

  it('that were proposed and refused stay off and can be proposed again', () => {
    const { it: options, said } = negotiator();
    options.enable(side, 1);
    options.receive(no, 1);
    options.enable(side, 1);
    expect(said).toEqual([`${ourYes} 1`, `${ourYes} 1`]);
  });

  it('that change while an answer is pending end up as last requested', () => {
    const { it: options, said } = negotiator();
    options.enable(side, 1);
    options.disable(side, 1);
    options.receive(yes, 1);
    options.receive(no, 1);
    expect(options.isOn(side, 1)).toBe(false);
    options.enable(side, 1);
    options.receive(yes, 1);
    options.disable(side, 1);
    options.enable(side, 1);
    options.receive(no, 1);
    options.receive(yes, 1);
    expect(options.isOn(side, 1)).toBe(true);
    const [first, ...rest] = [ourYes, ourNo, ourYes, ourNo, ourYes].map(word => `${word} 1`);
    expect(said).toEqual([first, ...rest]);
  });

  it('are off if the peer answers a refusal with agreement', () => {
    const { it: options } = negotiator();
    options.receive(yes, 1);
    options.disable(side, 1);
    options.receive(yes, 1);
    expect(options.isOn(side, 1)).toBe(false);
  });

  it('are answered at most 64 times between user actions', () => {
    const { it: options, said } = negotiator();
    for (let count = 0; count < 1_000; count += 1) options.receive(yes, 99);
    expect(said).toHaveLength(64);
    options.allowMore();
    options.receive(yes, 99);
    expect(said).toHaveLength(65);
  });
});

it('two negotiators settle, whatever both request at once', () => {
  const wires: [Verb, number][][] = [[], []];
  const ends = [0, 1].map(
    index =>
      new OptionNegotiator({
        agreed: { local: [0, 1, 3], remote: [0, 1, 3] },
        send: (verb, option) => wires[1 - index]!.push([verb, option]),
        changed: () => undefined,
      }),
  );
  for (const end of ends) {
    for (const option of [0, 1, 3]) {
      end.enable('local', option);
      end.enable('remote', option);
      end.disable('local', option);
      end.enable('local', option);
    }
  }
  let messages = 0;
  while (wires.some(({ length }) => length > 0)) {
    wires.forEach((wire, index) => {
      const next = wire.shift();
      if (next) ends[index]!.receive(...next);
    });
    messages += 1;
    expect(messages).toBeLessThan(100);
  }
  for (const option of [0, 1, 3]) {
    expect(ends[0]!.isOn('local', option)).toBe(ends[1]!.isOn('remote', option));
    expect(ends[0]!.isOn('local', option)).toBe(true);
  }
});
