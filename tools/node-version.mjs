/**
 * Imported first by every tool: whoever has another Node reads one sentence instead of the errors
 * that would follow from it. Says the same as `engines` in package.json; a test compares the two.
 */
export const SUPPORTED_NODE = '^20.19 || ^22.12 || >=24';

/** @param {string} version as `process.versions.node` gives it */
export function isSupported(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 24;
}

if (!isSupported(process.versions.node)) {
  console.error(
    `This is Node ${process.versions.node}; this project needs Node ${SUPPORTED_NODE}. ` +
      'Install one of these, for example from https://nodejs.org, and run the command again.',
  );
  process.exit(1);
}
