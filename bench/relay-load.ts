import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cpuSeconds, minorFaults } from './process-usage';
import { median } from './ratios';
import type { Joined } from './relay-sessions';

const ROUNDS = 5;
const FLOOD_SECONDS = 1.5;
const BOUNCES = 1_000;
const BOUNCES_BESIDE_FLOOD = 300;

/** The duration of a flood that outlasts what is measured next to it. */
const LONG_FLOOD_SECONDS = 60;

/** How the client writes. */
export type Framing = 'frames' | 'plain';

export type Direction = 'gateway to client' | 'client to gateway';

/** A program that joins connections, measured next to others. */
export interface Relay {
  readonly name: string;
  readonly framing: Framing;
  /** The processes that relay; empty if it starts one for each connection. */
  readonly pids: readonly number[];
  /** The direction in which it is measured, if only one makes sense. */
  readonly only?: Direction;
  join(): Promise<Joined>;
}

/** The result of a flood of frames of one size: payload in bytes per second, and what it cost. */
interface FloodFigures {
  readonly bytesPerSecond: number;
  readonly cpuSecondsPerGB: number;
  readonly faultsPerGB: number;
}

/** The program that writes and reads; see relay-load.c. */
export class LoadGenerator {
  private constructor(private readonly program: string) {}

  /** Compiles it; the benchmark runs from `.cache/bench`. */
  static async compile(folder: string): Promise<LoadGenerator> {
    const program = join(folder, 'relay-load');
    const source = join(__dirname, '..', '..', 'bench', 'relay-load.c');
    await promisify(execFile)('cc', ['-O2', '-o', program, source]).catch((cause: unknown) => {
      const hint = 'It needs a C compiler; on Debian: apt-get install gcc libc6-dev';
      throw new Error(`The load generator cannot be compiled. ${hint}`, { cause });
    });
    return new LoadGenerator(program);
  }

  /** Floods all relays in turn, several times, and prints the medians. */
  async compareFloods(relays: readonly Relay[], direction: Direction, size: number): Promise<void> {
    const measured = relays.filter(({ only }) => only === undefined || only === direction);
    const figures = new Map<Relay, FloodFigures[]>(measured.map(one => [one, []]));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const one of measured) figures.get(one)!.push(await this.flood(one, direction, size));
    }
    console.log(`frames of ${size} bytes, ${direction}`);
    const rate = (one: Relay): number =>
      median(figures.get(one)!.map(({ bytesPerSecond }) => bytesPerSecond));
    for (const one of measured) {
      const rates = figures.get(one)!.map(({ bytesPerSecond }) => bytesPerSecond / 1e6);
      const cpu = median(figures.get(one)!.map(({ cpuSecondsPerGB }) => cpuSecondsPerGB));
      const spread = `${Math.min(...rates).toFixed(0)}–${Math.max(...rates).toFixed(0)}`;
      const ratio =
        one === measured[0] ? '' : `; ours ${(rate(measured[0]!) / rate(one)).toFixed(2)} times`;
      const faults = median(figures.get(one)!.map(({ faultsPerGB }) => faultsPerGB));
      const cost = `, ${cpu.toFixed(2)} CPU s/GB, ${(faults / 1e3).toFixed(0)}k page faults/GB`;
      const known = one.pids.length > 0 ? cost : '';
      const figure = `${(rate(one) / 1e6).toFixed(0)} MB/s (${spread})${known}${ratio}`;
      console.log(`  ${one.name.padEnd(24)} ${figure}`);
    }
  }

  /** Sends one byte there and back through all relays in turn. */
  async compareBounces(relays: readonly Relay[]): Promise<void> {
    const measured = relays.filter(({ only }) => only === undefined);
    const figures = new Map<Relay, number[]>(measured.map(one => [one, []]));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const one of measured) figures.get(one)!.push(await this.bounce(one, BOUNCES));
    }
    console.log('one byte there and back, idle');
    printBounces(measured, figures);
  }

  async compareBouncesBesideFloods(relays: readonly Relay[], size: number): Promise<void> {
    const measured = relays.filter(({ only }) => only === undefined);
    const figures = new Map<Relay, number[]>(measured.map(one => [one, []]));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const one of measured) {
        const { client, gateway } = await one.join();
        const child = spawn(
          this.program,
          ['flood', one.framing, size, LONG_FLOOD_SECONDS].map(String),
          { stdio: ['ignore', 'ignore', 'ignore', gateway, client] },
        );
        figures.get(one)!.push(await this.bounce(one, BOUNCES_BESIDE_FLOOD));
        child.kill('SIGKILL');
        await once(child, 'close');
        for (const socket of [client, gateway]) socket.destroy();
      }
    }
    console.log(`one byte there and back, beside a flood of frames of ${size} bytes`);
    printBounces(measured, figures);
  }

  private async flood(one: Relay, direction: Direction, size: number): Promise<FloodFigures> {
    const { client, gateway } = await one.join();
    const [sender, receiver] =
      direction === 'gateway to client' ? [gateway, client] : [client, gateway];
    const sum = (of: (pid: number) => number): number =>
      one.pids.reduce((total, pid) => total + of(pid), 0);
    const [cpuBefore, faultsBefore] = [sum(cpuSeconds), sum(minorFaults)];
    const args = ['flood', one.framing, size, FLOOD_SECONDS];
    const [bytes, seconds] = (await this.run({ sender, receiver }, ...args)) as [number, number];
    const [cpu, faults] = [sum(cpuSeconds) - cpuBefore, sum(minorFaults) - faultsBefore];
    for (const socket of [client, gateway]) socket.destroy();
    // Both include the generator's warm-up, a quarter of the measured time.
    const gigabytes = (bytes * 1.25) / 1e9;
    return {
      bytesPerSecond: bytes / seconds,
      cpuSecondsPerGB: cpu / gigabytes,
      faultsPerGB: faults / gigabytes,
    };
  }

  /** @returns the median in microseconds */
  private async bounce(one: Relay, count: number): Promise<number> {
    const { client, gateway } = await one.join();
    const sides = { sender: client, receiver: gateway };
    const [p50 = Number.NaN] = await this.run(sides, 'bounce', one.framing, count);
    for (const socket of [client, gateway]) socket.destroy();
    return p50;
  }

  /** @returns what the program prints */
  private async run(
    { sender, receiver }: { sender: Socket; receiver: Socket },
    ...args: (string | number)[]
  ): Promise<number[]> {
    const child = spawn(this.program, args.map(String), {
      stdio: ['ignore', 'pipe', 'inherit', sender, receiver],
    });
    let printed = '';
    child.stdout!.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    if (code !== 0) throw new Error(`relay-load ${args.join(' ')} ended with ${code}`);
    return printed.trim().split(' ').map(Number);
  }
}

function printBounces(relays: readonly Relay[], figures: ReadonlyMap<Relay, number[]>): void {
  const own = median(figures.get(relays[0]!)!);
  for (const one of relays) {
    const all = figures.get(one)!;
    const spread = `${Math.min(...all).toFixed(0)}–${Math.max(...all).toFixed(0)}`;
    const ratio = one === relays[0] ? '' : `; ours ${(own / median(all)).toFixed(2)} times`;
    console.log(`  ${one.name.padEnd(24)} p50 ${median(all).toFixed(0)} µs (${spread})${ratio}`);
  }
}
