import { readFileSync } from 'node:fs';
import { NodeInspector } from '@remote-access/testkit';
import type { ProgramProcess } from '../fixtures/program-process';

/** What a service process holds. */
export interface ServiceState {
  /** In use after a full garbage collection, including memory outside the heap. */
  readonly liveBytes: number;
  /** As counted by the memory budget. */
  readonly budgetBytes: number;
  readonly sessions: number;
  /** Connections that the service has accepted. */
  readonly connections: number;
}

const LIVE_BYTES = `(() => {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
})()`;

/** Inspects a service process until it is closed. */
export class ServiceWatch {
  private constructor(
    private readonly port: number,
    private readonly inspector: NodeInspector,
  ) {}

  /** @param port the port on which it listens */
  static async attach(service: ProgramProcess, port: number): Promise<ServiceWatch> {
    const { pid } = service.process;
    return new ServiceWatch(port, await NodeInspector.attach(pid!, () => service.stderr));
  }

  async state(): Promise<ServiceState> {
    const { inspector } = this;
    await inspector.collectGarbage();
    const [budgetBytes] = await inspector.instancesOf('MemoryBudget', 'it => it.usedBytes');
    const [sessions] = await inspector.instancesOf('SessionRegistry', 'it => it.sessions.size');
    return {
      liveBytes: Number(await inspector.evaluate(LIVE_BYTES)),
      budgetBytes: Number(budgetBytes),
      sessions: Number(sessions),
      connections: acceptedConnections(this.port),
    };
  }

  detach(): Promise<void> {
    return this.inspector.detach();
  }
}

/** The value of `st` in proc_net_tcp(5). */
const ESTABLISHED = '01';
const CLOSE_WAIT = '08';

function acceptedConnections(port: number): number {
  const [, ...lines] = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n');
  const local = `:${port.toString(16).padStart(4, '0').toUpperCase()}`;
  return lines.filter(line => {
    const [, address = '', , state = ''] = line.trim().split(/\s+/);
    return address.endsWith(local) && [ESTABLISHED, CLOSE_WAIT].includes(state);
  }).length;
}
