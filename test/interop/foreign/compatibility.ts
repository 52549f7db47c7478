import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The report on one program; docs/compatibility.md is written from these. */
export interface ProgramReport {
  readonly program: string;
  readonly version: string;
  /** The day of the run, `2026-11-30`. */
  readonly date: string;
  /** What the program does for its users. */
  readonly role: string;
  readonly findings: Finding[];
}

export interface Finding {
  readonly behaviour: string;
  works: boolean;
  /** Figures of this run. */
  note: string;
}

const FOLDER = join(__dirname, '..', '..', '..', '.cache', 'reports', 'interop');

/** `npm run test:interop` tests more than `npm test` has time for. */
export const IS_FULL = process.env['INTEROP'] === 'full';

/** Number of bytes copied through each program. */
export const COPY_BYTES = IS_FULL ? 200_000_000 : 20_000_000;

const COPY_TIMEOUT_MS = 600_000;

/** Collects observations of a third-party program. */
export class ForeignProgram {
  private readonly report: ProgramReport;

  constructor(program: string, version: string, role: string) {
    const date = new Date().toISOString().slice(0, 10);
    this.report = { program, version, date, role, findings: [] };
    afterAll(() => {
      mkdirSync(FOLDER, { recursive: true });
      const file = join(FOLDER, `${program.replace(/\W+/g, '-')}.json`);
      writeFileSync(file, `${JSON.stringify(this.report, null, 2)}\n`);
    });
  }

  /** A test whose title becomes a line of the report; it may return figures. */
  can(behaviour: string, test: () => Promise<string | undefined>): void {
    const finding: Finding = { behaviour, works: false, note: '' };
    this.report.findings.push(finding);
    it(
      behaviour,
      async () => {
        finding.note = (await test()) ?? '';
        finding.works = true;
      },
      COPY_TIMEOUT_MS,
    );
  }
}

/** The version of a Debian package, without Debian's suffix: `2022.83`. */
export function versionOf(debianPackage: string): string {
  const query = ['--show', '--showformat=${source:Upstream-Version}', debianPackage];
  const { stdout } = spawnSync('dpkg-query', query, { encoding: 'utf8' });
  return stdout?.trim().replace(/\+.*/, '') || 'as installed';
}

/** `200 MB in 12.3 s` */
export function figures(bytes: number, startedAt: number): string {
  const seconds = (performance.now() - startedAt) / 1000;
  return `${bytes / 1e6} MB in ${seconds.toFixed(1)} s, sha256 equal`;
}
