const startedAt = performance.now();

/** @param {string} what */
export function step(what) {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  console.log(`[${seconds.padStart(4)} s] ${what}`);
}

/**
 * Reports the progress of an upload in steps of a tenth.
 *
 * @param {number} total
 * @returns {(sent: number) => void}
 */
export function uploadProgress(total) {
  let reported = -1;
  return sent => {
    const tenth = total === 0 ? 10 : Math.floor((10 * sent) / total);
    if (tenth === reported) return;
    reported = tenth;
    console.log(`         ${String(tenth * 10).padStart(3)} % of ${megabytes(total)}`);
  };
}

/** @param {number} bytes */
function megabytes(bytes) {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
