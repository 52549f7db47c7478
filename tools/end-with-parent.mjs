/**
 * Loaded before every program of the stack. Programs end by themselves when their parent is gone;
 * one that is still starting, or hangs, is ended here.
 */
const FORCE_AFTER_MS = 6000;

process.on('disconnect', () => {
  setTimeout(() => process.exit(1), FORCE_AFTER_MS).unref();
});
