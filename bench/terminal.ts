/** A session as a measurement sees it: input and output bytes. */
export interface Terminal {
  type(text: string): void;
  close(): void;
  /** Sets the listener for output and replaces the previous one. */
  onOutput(listener: (chunk: Buffer) => void): void;
}

/** Time limit for output that should arrive immediately. */
const PATIENCE_MS = 20_000;

/** Waits for output that matches; earlier output is ignored. */
export function outputOf(terminal: Terminal, pattern: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let seen = '';
    const deadline = setTimeout(() => {
      reject(new Error(`No output matched ${pattern.source}: ${JSON.stringify(seen)}`));
    }, PATIENCE_MS);
    terminal.onOutput(chunk => {
      seen += chunk.toString();
      if (!pattern.test(seen)) return;
      clearTimeout(deadline);
      resolve();
    });
  });
}

/** The end of a shell's prompt, regardless of colours. */
export const PROMPT = /[#$%>] (?:\x1b\[[\d;?]*[a-zA-Z])*$/;

/**
 * Leaves echoing to the kernel on the server, so that only the path is measured rather than a
 * shell's line editing.
 */
export async function makeEcho(terminal: Terminal): Promise<void> {
  const silent = outputOf(terminal, /begin\r?\n/);
  terminal.type("printf 'be''gin\\n'; cat > /dev/null\n");
  await silent;
}
