import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { startXvnc } from '@remote-access/testkit';
import { endDescendants } from './descendants';
import { panelPassword, type OperatingPanel } from './operating-panel';

const LOOK = ['-bg', '#272e37', '-fg', '#e6e9ed', '-bd', '#39424e'] as const;
const FONT = ['-fa', 'Monospace', '-fs', '10'] as const;

/** Placed side by side, because no window manager runs. */
const PROGRAMS: readonly (readonly [program: string, ...args: string[]])[] = [
  ['xterm', '-geometry', '88x34+16+16', ...FONT, ...LOOK],
  ['xclock', '-geometry', '220x220+764+16', '-update', '1', '-bg', '#e6e9ed'],
  ['xcalc', '-geometry', '220x330+764+256', '-xrm', '*customization: -color'],
];

const SCREEN = '1000x620';

/** Whether this machine has Xtigervnc and at least one of the X programs. */
export function hasXPanel(): boolean {
  return isInstalled('Xtigervnc') && isInstalled('vncpasswd') && installedPrograms().length > 0;
}

/** Starts an X display with X programs, as the current user. */
export async function startXPanel(port?: number): Promise<OperatingPanel> {
  const password = panelPassword();
  const args = ['-desktop', 'Operating panel', '-SendPrimary=1', '-AcceptSetDesktopSize=1'];
  const server = await startXvnc({
    securityTypes: ['VncAuth'],
    password,
    port,
    geometry: SCREEN,
    home: homedir(),
    args,
  });
  for (const [program, ...programArgs] of installedPrograms()) server.run(program, ...programArgs);
  const names = installedPrograms().map(([program]) => program);
  return {
    kind: `Xtigervnc with ${names.join(', ')}`,
    port: server.port,
    password,
    // This also ends what was started in the terminal.
    stop: () => endDescendants().then(() => server.stop()),
  };
}

function installedPrograms(): typeof PROGRAMS {
  return PROGRAMS.filter(([program]) => isInstalled(program));
}

function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some(folder => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      // Not found in this folder.
      return false;
    }
  });
}
