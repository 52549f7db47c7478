import { LOCK, read, ROOT_PACKAGE } from './repository';

const ADDRESS = /https?:\/\/|git\+|git@/;

describe('package-lock.json', () => {
  it('has exactly one Angular', () => {
    expect(versionsOf('@angular/core')).toHaveLength(1);
  });

  // Older versions: unbounded memory use from tiny frames (ws), and Terrapin (ssh2,
  // CVE-2023-48795).
  it.each([
    ['ws', 8, 21],
    ['ssh2', 1, 17],
  ])('has no %s below %i.%i anywhere', (name, major, minor) => {
    const versions = versionsOf(name);
    expect(versions.length).toBeGreaterThan(0);
    for (const version of versions) {
      const [foundMajor = 0, foundMinor = 0] = version.split('.').map(Number);
      expect(foundMajor * 1000 + foundMinor).toBeGreaterThanOrEqual(major * 1000 + minor);
    }
  });

  it('contains no download addresses of packages', () => {
    const addresses = Object.values(LOCK).filter(({ resolved }) => ADDRESS.test(resolved ?? ''));
    expect(addresses).toEqual([]);
  });
});

it('pins every root tool except types to one version', () => {
  const loose = Object.entries(ROOT_PACKAGE.devDependencies ?? {}).filter(
    ([name, range]) => !/^\d/.test(range) && !name.startsWith('@types/'),
  );
  expect(loose).toEqual([]);
});

it('the supported versions of Node are the same everywhere', () => {
  const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
  expect(read('tools/node-version.mjs')).toContain(`'${engines.node}'`);
  expect(read('README.md')).toContain(`\`${engines.node}\``);
});

function versionsOf(name: string): string[] {
  return Object.entries(LOCK)
    .filter(([path]) => path.endsWith(`node_modules/${name}`))
    .map(([, { version }]) => version ?? '');
}
