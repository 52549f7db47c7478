import { get } from 'node:http';

/** The `readinessProbe` of the microservice's manifest. */
const READINESS_PATH = '/health/readiness';

const PROBE_PERIOD_MS = 500;
const PROBE_TIMEOUT_MS = 2_000;

interface Replica {
  readonly url: string;
  isReady: boolean;
}

/**
 * The replicas of the microservice. Requests and connections are distributed round-robin over those
 * that are ready, regardless of the caller. A single replica is not probed.
 */
export class ReplicaPool {
  private replicas: Replica[] = [];
  private turn = 0;
  private timer: NodeJS.Timeout | undefined;

  /** @param urls of all replicas; none while the microservice is down */
  route(urls: readonly string[]): void {
    clearInterval(this.timer);
    this.replicas = urls.map(url => ({ url, isReady: true }));
    if (urls.length < 2) return;
    const { replicas } = this;
    this.timer = setInterval(() => replicas.forEach(probe), PROBE_PERIOD_MS);
    this.timer.unref();
  }

  /** The next one in turn; if none is ready, any of them, which then reports that itself. */
  next(): string | undefined {
    const ready = this.replicas.filter(({ isReady }) => isReady);
    const candidates = ready.length > 0 ? ready : this.replicas;
    this.turn += 1;
    return candidates[this.turn % candidates.length]?.url;
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

function probe(replica: Replica): void {
  const request = get(`${replica.url}${READINESS_PATH}`, { timeout: PROBE_TIMEOUT_MS });
  request.on('response', answer => {
    replica.isReady = answer.statusCode === 200;
    answer.resume();
  });
  request.on('timeout', () => request.destroy());
  request.on('error', () => (replica.isReady = false));
}
