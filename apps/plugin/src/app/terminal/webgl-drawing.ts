import type { WebglAddon } from '@xterm/addon-webgl';
import type { Terminal } from '@xterm/xterm';

/**
 * Draws with the graphics card where there is one; when it is taken away, as browsers do with pages
 * that have too many, xterm.js goes on drawing with elements of the page by itself.
 */
export function drawByGraphicsCard(terminal: Terminal, Addon: typeof WebglAddon): void {
  if (!hasGraphicsCard()) return;
  try {
    const webgl = new Addon();
    webgl.onContextLoss(() => webgl.dispose());
    terminal.loadAddon(webgl);
  } catch {
    // A driver that promises more than it can: elements of the page draw as well.
  }
}

/** WebGL that the processor imitates is slower than elements of the page. */
function hasGraphicsCard(): boolean {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('webgl2', { failIfMajorPerformanceCaveat: true });
  // Browsers give a page some sixteen of them: the trial gives its own back.
  context?.getExtension('WEBGL_lose_context')?.loseContext();
  return context !== null;
}
