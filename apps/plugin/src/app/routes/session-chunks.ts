/** Browsers without requestIdleCallback get this much time to draw the list of endpoints. */
const IDLE_AFTER_MS = 500;

export const loadSessionPage = () => import('../tabs/session-page.component');

/**
 * Loads what a session needs while the user looks at the list of endpoints, so that after a click
 * only the session itself takes time. If loading fails now, it is retried, and reported, when
 * needed.
 */
export function preloadSessions(): void {
  whenIdle(() => {
    const chunks = [
      loadSessionPage(),
      import('../terminal/xterm-loader').then(({ loadXterm }) => loadXterm()),
      import('../desktop/novnc-screen').then(({ NoVncScreen }) => NoVncScreen.load()),
    ];
    for (const chunk of chunks) chunk.catch(() => undefined);
  });
}

function whenIdle(work: () => void): void {
  // Some browsers lack it, contrary to the types.
  const { requestIdleCallback } = window as Partial<Window>;
  if (requestIdleCallback) requestIdleCallback.call(window, work);
  else setTimeout(work, IDLE_AFTER_MS);
}
