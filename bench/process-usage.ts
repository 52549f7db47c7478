import { readFileSync } from 'node:fs';

/** proc(5): `utime` and `stime` count in hundredths of a second. */
const TICKS_PER_SECOND = 100;

/** CPU seconds that a process has used so far. */
export function cpuSeconds(pid: number): number {
  const [user = 0, system = 0] = statFields(pid).slice(11, 13);
  return (user + system) / TICKS_PER_SECOND;
}

/** Page faults of a process so far that needed no disk: each gave it another 4 KiB of memory. */
export function minorFaults(pid: number): number {
  const [faults = 0] = statFields(pid).slice(7, 8);
  return faults;
}

/** The resident memory of a process. proc(5): `VmRSS`, in KiB. */
export function residentMebibytes(pid: number | undefined): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) / 1024;
}

/** proc(5): the fields of `/proc/PID/stat` behind the program's name. */
function statFields(pid: number): number[] {
  // The name is in parentheses and may contain spaces.
  const [, fields = ''] = /\) (.*)$/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8').trim()) ?? [];
  return fields.split(' ').map(Number);
}
