import { SilenceWatch } from './silence-watch';

describe('SilenceWatch', () => {
  let comesBack: boolean;
  let lost: jest.Mock;
  let watch: SilenceWatch;

  beforeEach(() => {
    jest.useFakeTimers();
    comesBack = true;
    lost = jest.fn();
    watch = new SilenceWatch(() => comesBack, lost);
  });
  afterEach(() => jest.useRealTimers());

  it('gives up an unstable connection after five seconds of silence', () => {
    watch.measured(true);
    jest.advanceTimersByTime(4_999);
    expect(lost).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(lost).toHaveBeenCalledTimes(1);
  });

  it('is not extended by further unanswered pings', () => {
    watch.measured(true);
    jest.advanceTimersByTime(3_000);
    watch.measured(true);
    jest.advanceTimersByTime(2_000);
    expect(lost).toHaveBeenCalledTimes(1);
  });

  it('gives up at once after the network has changed', () => {
    watch.doubt();
    watch.measured(true);
    jest.advanceTimersByTime(0);
    expect(lost).toHaveBeenCalledTimes(1);
  });

  it('waits again if anything was received meanwhile, such as a picture before the pong', () => {
    watch.measured(true);
    watch.heard();
    jest.advanceTimersByTime(5_000);
    expect(lost).not.toHaveBeenCalled();
    jest.advanceTimersByTime(5_000);
    expect(lost).toHaveBeenCalledTimes(1);
  });

  it.each<[string, () => void]>([
    ['the connection is stable again', () => watch.measured(false)],
    ['it is stopped', () => watch.stop()],
  ])('gives up nothing once %s', (_when, change) => {
    watch.doubt();
    watch.measured(true);
    change();
    jest.advanceTimersByTime(60_000);
    expect(lost).not.toHaveBeenCalled();
    // The doubt is over as well.
    watch.measured(true);
    jest.advanceTimersByTime(4_999);
    expect(lost).not.toHaveBeenCalled();
  });

  it('gives up nothing if the page would not reconnect', () => {
    comesBack = false;
    watch.measured(true);
    jest.advanceTimersByTime(60_000);
    expect(lost).not.toHaveBeenCalled();
  });
});
