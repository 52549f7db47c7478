import { findProgram } from './program-search';

export interface ProgramCall {
  readonly program: string;
  readonly args: readonly string[];
}

/** The command that opens an address in the user's browser. */
export function browserCall(url: string, env: NodeJS.ProcessEnv): ProgramCall {
  const hint = `Open ${url} yourself, or name a browser in BROWSER.`;
  const { BROWSER: chosen } = env;
  if (chosen) return { program: findProgram([chosen], env, hint), args: [url] };
  switch (process.platform) {
    case 'darwin':
      return { program: '/usr/bin/open', args: [url] };
    case 'win32':
      return { program: 'rundll32', args: ['url.dll,FileProtocolHandler', url] };
    default:
      return { program: findProgram(['xdg-open', 'sensible-browser'], env, hint), args: [url] };
  }
}

/** Viewers that accept `host::port`, as TigerVNC, RealVNC and TightVNC do. */
const VIEWERS = ['xtigervncviewer', 'vncviewer', 'tvnviewer', 'gvncviewer'];

/** @param chosen the value of --viewer */
export function viewerCall(
  host: string,
  port: number,
  chosen: string | undefined,
  env: NodeJS.ProcessEnv,
): ProgramCall {
  if (process.platform === 'darwin' && chosen === undefined) {
    return { program: '/usr/bin/open', args: ['-W', `vnc://${host}:${port}`] };
  }
  const hint = 'Install a VNC viewer, such as TigerVNC, or name one with --viewer.';
  const program = findProgram(chosen === undefined ? VIEWERS : [chosen], env, hint);
  return { program, args: [`${host}::${port}`] };
}
