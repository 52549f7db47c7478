/** A session as a measurement sees it: bytes in, bytes out. */
export interface Terminal {
  type(text: string): void;
  close(): void;
  /** Takes each chunk that comes, in place of the listener before. */
  onOutput(listener: (chunk: Buffer) => void): void;
}

/** Longest time for a text that should come at once. */
const PATIENCE_MS = 20_000;

/** Waits for output that matches; what came before is not looked at. */
export function outputOf(terminal: Terminal, pattern: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let seen = '';
    const deadline = setTimeout(() => {
      reject(new Error(`${pattern.source} did not come; this did: ${JSON.stringify(seen)}`));
    }, PATIENCE_MS);
    terminal.onOutput(chunk => {
      seen += chunk.toString();
      if (!pattern.test(seen)) return;
      clearTimeout(deadline);
      resolve();
    });
  });
}

/** The end of a shell's prompt, whatever colours surround it. */
export const PROMPT = /[#$%>] (?:\x1b\[[\d;?]*[a-zA-Z])*$/;

/**
 * Makes the terminal echo each key by itself, in the kernel beside the server: so nothing but the way
 * is measured, and no shell's line editing.
 */
export async function makeEcho(terminal: Terminal): Promise<void> {
  const silent = outputOf(terminal, /begin\r?\n/);
  terminal.type("printf 'be''gin\\n'; cat > /dev/null\n");
  await silent;
}
