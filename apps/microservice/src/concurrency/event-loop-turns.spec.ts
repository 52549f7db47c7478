import { eventLoopTurn } from './event-loop-turns';

describe('turns of the event loop', () => {
  it('let one caller continue at a time, with timers and sockets in between', async () => {
    const events: string[] = [];
    let isOver = false;
    const other = (): void => {
      if (isOver) return;
      events.push('other');
      setImmediate(other);
    };
    const callers = ['first', 'second', 'third'].map(async name => {
      await eventLoopTurn();
      events.push(name);
    });
    setImmediate(other);
    await Promise.all(callers);
    isOver = true;
    expect(events.filter(event => event !== 'other')).toEqual(['first', 'second', 'third']);
    const between = [events.indexOf('first'), events.indexOf('second'), events.indexOf('third')];
    expect(events.slice(between[0], between[1])).toContain('other');
    expect(events.slice(between[1], between[2])).toContain('other');
  });

  it('continue for callers that wait later', async () => {
    await eventLoopTurn();
    await expect(eventLoopTurn()).resolves.toBeUndefined();
  });
});
