/**
 * Imported first by every tool, so that an unsupported Node is reported in one sentence rather than
 * through the errors that it causes. Equal to `engines` in package.json; a test compares the two.
 */
export const SUPPORTED_NODE = '^20.19 || ^22.12 || >=24';

/** @param {string} version in the form of `process.versions.node` */
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
