import { EarlyOutput } from './session-viewer';

const bytes = (text: string) => new TextEncoder().encode(text);

function output() {
  const shown: string[] = [];
  const drawn: string[] = [];
  const early = new EarlyOutput((chunk, done) => {
    shown.push(new TextDecoder().decode(chunk));
    done();
  });
  const receive = (text: string) => early.draw(bytes(text), () => drawn.push(text));
  return { early, shown, drawn, receive };
}

describe('output before the viewer is ready', () => {
  it('waits, and does not count as rendered, so that the service sends only its window', () => {
    const { receive, shown, drawn } = output();
    receive('a');
    receive('b');
    expect([shown, drawn]).toEqual([[], []]);
  });

  it('is rendered in order once the viewer is ready, and before what follows', () => {
    const { early, receive, shown, drawn } = output();
    receive('a');
    receive('b');
    early.viewerIsReady();
    receive('c');
    expect([shown, drawn]).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ]);
  });
});
