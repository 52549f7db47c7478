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

/** What imitates a graphics card with the processor: slower than elements of the page. */
const IMITATIONS = /swiftshader|llvmpipe|softpipe|software|basic render/i;

function hasGraphicsCard(): boolean {
  const canvas = document.createElement('canvas');
  // Chromium takes its own imitation for no caveat: it is known by its name.
  const context = canvas.getContext('webgl2', { failIfMajorPerformanceCaveat: true });
  if (!context) return false;
  const names = context.getExtension('WEBGL_debug_renderer_info');
  const name = names?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER;
  const renderer: unknown = context.getParameter(name);
  // Browsers give a page some sixteen of them: the trial gives its own back.
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return typeof renderer !== 'string' || !IMITATIONS.test(renderer);
}
