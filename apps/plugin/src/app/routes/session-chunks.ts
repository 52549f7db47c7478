import { whenIdle } from '../ui/when-idle';

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
      import('../terminal/xterm-screen').then(({ XtermScreen }) => XtermScreen.prepare()),
      import('../desktop/novnc-screen').then(({ NoVncScreen }) => NoVncScreen.load()),
    ];
    for (const chunk of chunks) chunk.catch(() => undefined);
  });
}
