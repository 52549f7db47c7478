import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { Emulator } from '@remote-access/emulator';
import { closedPort } from '@remote-access/testkit';
import { unzipSync } from 'fflate';
import { archives, pack, ROOT, type Archives } from '../fixtures/archives';
import { Container, UnpackedImage } from '../fixtures/container';
import { isHostedByTurns, PASSWORD } from '../fixtures/hosting';

// Packing once takes half a minute; one test packs a second time.
jest.setTimeout(600_000);

const MAX_SERVICE_BYTES = 60 * 1024 * 1024;
const MAX_IDLE_BYTES = 130 * 1024 * 1024;

interface ImageConfig {
  readonly architecture: string;
  readonly os: string;
  readonly config: {
    readonly User: string;
    readonly Entrypoint: string[];
    readonly Healthcheck: { readonly Test: string[] };
    readonly Labels: Record<string, string>;
    readonly ExposedPorts: Record<string, object>;
    readonly StopSignal: string;
    readonly WorkingDir: string;
  };
}

describe('the archives of a release', () => {
  let packed: Archives;
  let folder: string;
  let service: Record<string, Uint8Array>;
  let plugin: Record<string, Uint8Array>;
  let image: UnpackedImage;

  beforeAll(async () => {
    packed = await archives();
    folder = mkdtempSync(join(tmpdir(), 'remote-access-archives-'));
    service = unzipSync(readFileSync(packed.service));
    plugin = unzipSync(readFileSync(packed.plugin));
    writeFileSync(join(folder, 'image.tar'), service['image.tar']!);
    image = new UnpackedImage(join(folder, 'image.tar'));
  });
  afterAll(() => {
    image?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const inspect = (): ImageConfig => {
    // Unmodified: the OCI format, which skopeo would print otherwise, has no health check.
    const args = ['inspect', '--config', '--raw', `docker-archive:${join(folder, 'image.tar')}`];
    return JSON.parse(execFileSync('skopeo', args, { encoding: 'utf8' })) as ImageConfig;
  };
  const text = (files: Record<string, Uint8Array>, path: string): string =>
    Buffer.from(files[path] ?? []).toString('utf8');
  const isHealthy = async (url: string): Promise<boolean> =>
    fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );

  it('have the hashes in SHA256SUMS', () => {
    const check = (): Buffer =>
      execFileSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], {
        cwd: packed.folder,
        stdio: 'pipe',
      });
    expect(check).not.toThrow();
  });

  it('have the same hashes when they are packed again', () => {
    const again = join(folder, 'again');
    const output = pack(again);
    const sums = (from: string): string => readFileSync(join(from, 'SHA256SUMS'), 'utf8');
    expect(sums(again)).toBe(sums(packed.folder));
    expect(output).toMatch(/^\[ *\d+\.\d s\] Writing the image/m);
    expect(output).toContain(sums(again).split(' ')[0]);
  });

  describe("the microservice's archive", () => {
    it('contains the manifest with the version, and the image, and is small', () => {
      expect(Object.keys(service).sort()).toEqual(['cumulocity.json', 'image.tar']);
      const manifest = JSON.parse(text(service, 'cumulocity.json')) as object;
      const source = JSON.parse(readFileSync(join(ROOT, 'cumulocity.json'), 'utf8')) as object;
      expect(manifest).toEqual({ ...source, version: packed.version });
      expect(readFileSync(packed.service).length).toBeLessThan(MAX_SERVICE_BYTES);
    });

    it('has an image of the right name for linux/amd64, which skopeo reads', () => {
      const manifest = execFileSync('tar', ['-xOf', join(folder, 'image.tar'), 'manifest.json']);
      expect(JSON.parse(manifest.toString())).toMatchObject([
        { RepoTags: [`cloud-remote-access:${packed.version}`] },
      ]);
      const { architecture, os, config } = inspect();
      expect([os, architecture]).toEqual(['linux', 'amd64']);
      expect(config.Labels).toMatchObject({
        'org.opencontainers.image.version': packed.version,
        'org.opencontainers.image.licenses': 'Apache-2.0',
        'org.opencontainers.image.revision': expect.stringMatching(/^[0-9a-f]{40}$/) as string,
      });
    });

    it('is configured like the Dockerfile', () => {
      const lines = readFileSync(join(ROOT, 'Dockerfile'), 'utf8').replaceAll('\\\n', ' ');
      const last = (keyword: string): string =>
        [...lines.matchAll(new RegExp(`^ *${keyword} +(.*)$`, 'gm'))].at(-1)?.[1] ?? '';
      const { config } = inspect();
      expect(config.User).toBe(last('USER'));
      expect(config.WorkingDir).toBe(last('WORKDIR'));
      expect(config.StopSignal).toBe(last('STOPSIGNAL'));
      expect(Object.keys(config.ExposedPorts)).toEqual([`${last('EXPOSE')}/tcp`]);
      expect(config.Entrypoint).toEqual(JSON.parse(last('ENTRYPOINT')));
      const check = JSON.parse(last('HEALTHCHECK').replace(/^.*CMD /, '')) as string[];
      expect(config.Healthcheck.Test).toEqual(['CMD', ...check]);
    });

    it('contains neither sources, tests, secrets nor a shell', () => {
      const files = execFileSync('find', ['.', '-not', '-type', 'd'], {
        cwd: image.rootfs,
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
      }).split('\n');
      const unwanted =
        /\.(?:ts|map|spec\.js|fixture\.js|pem|key)$|\/\.(?:env|git|npmrc)|\/bin\/(?:sh|bash)$|testkit/;
      expect(files.filter(path => unwanted.test(path))).toEqual([]);
      expect(files).toContain('./usr/share/doc/node/LICENSE');
      expect(files).toContain('./etc/ssl/certs/ca-certificates.crt');
    });

    it('starts with a read-only root as its own user, becomes healthy, stays small, exits with 0', async () => {
      const emulator = await Emulator.start({ password: PASSWORD, asHosted: isHostedByTurns() });
      const port = await closedPort();
      const container = new Container(
        image,
        {
          SERVER_PORT: String(port),
          C8Y_BASEURL: emulator.url,
          C8Y_BOOTSTRAP_TENANT: 'management',
          C8Y_BOOTSTRAP_USER: 'servicebootstrap_cloud-remote-access',
          C8Y_BOOTSTRAP_PASSWORD: PASSWORD,
        },
        true,
      );
      try {
        await container.until(() => isHealthy(`http://127.0.0.1:${port}/health`));
        // On an idle machine, CPU time and duration are the same.
        expect(container.cpuSeconds).toBeLessThan(3);
        expect(container.status('Uid')).toBe('1000\t1000\t1000\t1000');
        expect(container.status('CapBnd')).toBe('0000000000000400');
        expect(parseInt(container.status('VmRSS'), 10) * 1024).toBeLessThan(MAX_IDLE_BYTES);
      } finally {
        expect(await container.end()).toBe(0);
        await emulator.stop();
      }
    });

    it("listens on port 80 without being root, and the image's health check succeeds", async () => {
      const [, ...check] = inspect().config.Healthcheck.Test;
      const container = new Container(
        image,
        {
          C8Y_BASEURL: 'http://127.0.0.1:9',
          C8Y_BOOTSTRAP_TENANT: 'management',
          C8Y_BOOTSTRAP_USER: 'nobody',
          C8Y_BOOTSTRAP_PASSWORD: 'nothing',
        },
        false,
      );
      try {
        await container.until(() => container.run(...check) === 0);
        expect(container.output).toContain('"url":"http://0.0.0.0:80"');
      } finally {
        expect(await container.end()).toBe(0);
      }
    });
  });

  describe("the plugin's archive", () => {
    it('has the layout that the plugin store expects', () => {
      const paths = Object.keys(plugin);
      expect(paths).toEqual(
        expect.arrayContaining([
          ...['cumulocity.json', 'remoteEntry.js', 'README.md', 'CHANGELOG.md', 'de.json'],
          ...['LICENSE', 'NOTICE', 'THIRD-PARTY-NOTICES.md', 'remote-access.json'],
          'images/terminal.png',
        ]),
      );
      expect(paths.filter(path => /\.(map|ts)$/.test(path))).toEqual([]);
      expect(JSON.parse(text(plugin, 'cumulocity.json'))).toMatchObject({
        contextPath: 'remote-access-plugin',
        version: packed.version,
        isPackage: true,
        package: 'plugin',
        // A plugin is no application that users can switch to.
        noAppSwitcher: true,
        exports: [
          { module: 'remoteAccessDeviceProviders' },
          { module: 'remoteAccessSettingsProviders' },
        ],
      });
      const pictures = [...text(plugin, 'README.md').matchAll(/\]\((images\/[^)]+)\)/g)];
      expect(pictures.map(([, path = '']) => path).filter(path => !paths.includes(path))).toEqual(
        [],
      );
    });

    it('names its container by a fixed id, and no path of this machine', () => {
      // Of the paths that webpack's ids are derived from, that of the container was absolute.
      expect(text(plugin, 'remoteEntry.js')).toMatch(
        /^var remoteAccessPlugin;.{0,200}\{container\(/,
      );
      const here = Object.keys(plugin).filter(path => text(plugin, path).includes(ROOT));
      expect(here).toEqual([]);
    });

    it('names what it keeps in the window of the host by its version', () => {
      const entry = text(plugin, 'remoteEntry.js');
      expect(entry).toContain(`"remote-access-plugin_${packed.version}:"`);
      const withoutVersion = Object.keys(plugin).filter(path =>
        text(plugin, path).includes('plugin_undefined'),
      );
      expect(withoutVersion).toEqual([]);
    });

    it('has notices for what it contains, and the licence of noVNC', () => {
      const notices = text(plugin, 'THIRD-PARTY-NOTICES.md');
      expect(notices).toMatch(/^## @novnc\/novnc \d.*\n\nLicence: MPL-2\.0\n\nIts sources are/m);
      expect(notices).toContain('noVNC is Copyright');
      expect(notices).toMatch(/^## @xterm\/xterm /m);
      expect(notices).not.toMatch(/^## @angular\//m);
    });
  });

  describe.each(['cloud-remote-access', 'remote-access-plugin'])('the SBOM of %s', name => {
    const read = (): string =>
      readFileSync(join(packed.folder, `${name}-${packed.version}.cdx.json`), 'utf8');

    it('follows the schema of CycloneDX', async () => {
      const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
      expect(await validator.validate(read())).toBeNull();
    });

    it('lists what the notices list, and nothing of ours', () => {
      const { components } = JSON.parse(read()) as { components: { name: string; purl: string }[] };
      const notices =
        name === 'remote-access-plugin'
          ? text(plugin, 'THIRD-PARTY-NOTICES.md')
          : readFileSync(join(image.rootfs, 'app', 'THIRD-PARTY-NOTICES.md'), 'utf8');
      // Others are Node.js and Debian packages, whose headings end with "(Debian)".
      const noticed = [...notices.matchAll(/^## (?!Node\.js )((?:@[\w.-]+\/)?[\w.-]+) \d\S*$/gm)];
      const listed = components.map(one => one.purl.replace('%40', '@').replace(/^pkg:npm\//, ''));
      const names = listed
        .filter(one => !one.startsWith('pkg:') && !one.startsWith('node-linux'))
        .map(one => one.slice(0, one.lastIndexOf('@')));
      expect(new Set(noticed.map(([, one]) => one))).toEqual(new Set(names));
      expect(names.filter(one => one.startsWith('@remote-access/'))).toEqual([]);
      expect(names.length).toBeGreaterThan(3);
    });
  });
});
