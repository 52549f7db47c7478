/** How often to look. */
const LOOK_AGAIN_MS = 500;

/**
 * Calls back when npm, which started this process, is gone: one that is killed passes no signal on,
 * and what it had started would run on without anybody knowing. Without npm nothing is watched.
 *
 * The script in package.json begins with `exec`, so that the parent is npm and not a shell that
 * would keep npm's signals to itself.
 *
 * @param {() => void} gone
 */
export function watchNpm(gone) {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const npm = process.ppid;
  setInterval(() => process.ppid !== npm && gone(), LOOK_AGAIN_MS).unref();
}
