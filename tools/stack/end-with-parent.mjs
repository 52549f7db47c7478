/**
 * Preloaded into every program of the stack. Programs end when their parent is gone; this also ends
 * one that is still starting or hangs.
 */
const FORCE_AFTER_MS = 6000;

process.on('disconnect', () => {
  setTimeout(() => process.exit(1), FORCE_AFTER_MS).unref();
});
