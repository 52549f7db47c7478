/**
 * Loaded into every part of the stack before the part itself. When the process that started it is
 * gone, the part ends by itself; one that was still starting, or hangs, is ended here.
 */
const LAST_WORDS_MS = 6000;

process.on('disconnect', () => {
  setTimeout(() => process.exit(1), LAST_WORDS_MS).unref();
});
