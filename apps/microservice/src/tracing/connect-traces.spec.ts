import type { MeasuredSession } from '../metrics/metrics';
import { ConnectTraces } from './connect-traces';
import type { Span } from './otlp-exporter';

const SESSION: MeasuredSession = {
  id: 's1',
  protocol: 'SSH',
  state: 'opening',
  bytesToClient: 0,
  bytesFromClient: 0,
};

let spans: Span[];
let traces: ConnectTraces;
beforeEach(() => {
  spans = [];
  traces = new ConnectTraces({ add: added => void spans.push(...added) });
});

it('is one span for the connect and one for each step, end to end', () => {
  traces.stepReached(SESSION, 'operation-created', 20);
  traces.stepReached(SESSION, 'gateway-connected', 0);
  expect(spans).toEqual([]);
  traces.stepReached(SESSION, 'open', 0);
  const [whole, ...steps] = spans;
  expect(whole).toMatchObject({ name: 'connect', attributes: { 'remoteaccess.outcome': 'open' } });
  expect(whole!.parentSpanId).toBeUndefined();
  expect(whole!.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(steps.map(({ name }) => name)).toEqual(['operation-created', 'gateway-connected', 'open']);
  let { startMs } = whole!;
  for (const step of steps) {
    expect(step).toMatchObject({ traceId: whole!.traceId, parentSpanId: whole!.spanId, startMs });
    expect(step.spanId).toMatch(/^[0-9a-f]{16}$/);
    startMs = step.endMs;
  }
  expect(steps[0]!.endMs - steps[0]!.startMs).toBeCloseTo(20, 3);
  traces.ended(SESSION, 'normal', 1_000);
  expect(spans).toHaveLength(4);
});

it('of a failed connect names the step that failed and the code', () => {
  traces.stepReached(SESSION, 'operation-created', 5);
  traces.ended(SESSION, 'gateway-timeout', 30_000);
  expect(spans.map(({ name, failure }) => [name, failure])).toEqual([
    ['connect', 'gateway-timeout'],
    ['operation-created', undefined],
    ['operation-delivered', 'gateway-timeout'],
  ]);
});

it('of a connect that reached no step covers its whole time', () => {
  traces.ended(SESSION, 'forbidden', 400);
  const [whole, step] = spans;
  expect(whole).toMatchObject({ name: 'connect', failure: 'forbidden' });
  expect(step).toMatchObject({ name: 'operation-created', failure: 'forbidden' });
  expect(whole!.endMs - whole!.startMs).toBeGreaterThanOrEqual(400);
});
