import { execFileSync, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { temporaryFolder } from '@remote-access/testkit';
import { unzipSync } from 'fflate';
import { ROOT } from '../fixtures/archives';
import { AS_ROOT, UnpackedImage } from '../fixtures/container';
import { NOT_NEEDED, RECORDS, writeScriptedBase } from '../fixtures/scripted-base';

// Compressing the plugin takes seconds, and storing images without an overlay file system some more.
jest.setTimeout(300_000);

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  version: string;
};
const IMAGE = `cloud-remote-access:${version}`;
const AUTHORITIES = '-----BEGIN CERTIFICATE-----\nof the proxy of a company\n';

/** An engine that writes down its arguments, and saves a file that says so. */
const SCRIPTED_ENGINE = `#!${process.execPath}
const { appendFileSync, writeFileSync } = require('node:fs');
const args = process.argv.slice(2);
appendFileSync(process.env.RECORD, JSON.stringify(args) + '\\n');
if (process.env.FAILURE) {
  console.error(process.env.FAILURE);
  process.exit(125);
}
const archive = /[^:\\s]+image\\.tar/.exec(args.join(' '));
if (args[0] !== 'build') writeFileSync(archive[0], 'saved by the engine');
`;

const scratch = temporaryFolder('engine');
afterAll(() => scratch.remove());
const path = (name: string): string => join(scratch.path, name);
const OUT = path('out');
const CA = path('ca.pem');

beforeAll(() => {
  mkdirSync(path('bin'));
  for (const name of ['docker', 'podman', 'buildah'])
    writeFileSync(join(path('bin'), name), SCRIPTED_ENGINE, { mode: 0o755 });
  writeFileSync(CA, AUTHORITIES);
});

/** Runs `npm run pack`, without building. @param env in addition to PATH, where scripted engines come first */
function pack(args: readonly string[], env: NodeJS.ProcessEnv = {}): SpawnSyncReturns<string> {
  writeFileSync(path('record'), '');
  const main = join(ROOT, 'tools', 'pack', 'main.mjs');
  const PATH = `${path('bin')}:${process.env['PATH']}`;
  return spawnSync(process.execPath, [main, '--no-build', '--out', OUT, ...args], {
    encoding: 'utf8',
    cwd: ROOT,
    env: { PATH, HOME: process.env['HOME'], RECORD: path('record'), ...env },
  });
}

/** What the scripted engine was called with, call by call. */
const calls = (): string[][] =>
  readFileSync(path('record'), 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as string[]);

/** The values of an argument that may occur several times. */
const valuesOf = (args: readonly string[], name: string): string[] =>
  args.filter((_value, at) => args[at - 1] === name);

describe('npm run pack -- --engine', () => {
  it.each([
    [['--engine', 'kaniko'], /--engine must be one of docker, podman, buildah\./],
    [['--base', 'debian'], /--base and --ca are for builds with --engine\./],
    [['--ca', CA], /--base and --ca are for builds with --engine\./],
    [
      ['--engine', 'docker', '--ca', '/no/such/ca.pem'],
      /The authorities in \/no\/such\/ca\.pem \(--ca, or NODE_EXTRA_CA_CERTS\) cannot be read\./,
    ],
  ])('refuses %j, and calls no engine', (args, sentence) => {
    const { status, stderr } = pack(args);
    expect([status, stderr]).toEqual([1, expect.stringMatching(sentence)]);
    expect(calls()).toEqual([]);
    expect(existsSync(OUT) ? readdirSync(OUT) : []).toEqual([]);
  });

  it('says so where the engine is not installed', () => {
    const { status, stderr } = pack(['--engine', 'docker'], { PATH: '/nowhere' });
    expect(status).toBe(1);
    expect(stderr).toContain('there is no docker on this machine');
  });

  it('ends with the last words of an engine that fails, and writes no archive', () => {
    const failure = 'pull access denied for mirror.example.com/node';
    const { status, stderr } = pack(['--engine', 'podman'], { FAILURE: failure });
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(
        /^Building the image with podman failed: .* exit code 125\.\n.*denied/m,
      ),
    ]);
    expect(readdirSync(OUT)).toEqual([]);
  });

  it.each<[string, string[], string]>([
    ['docker', ['save', '--output'], 'docker'],
    ['podman', ['save', '--output'], 'podman'],
    ['buildah', ['push', IMAGE], 'buildah'],
  ])('has %s build the Dockerfile, and packs what it saves', (engine, save) => {
    const args = ['--engine', engine, '--base', 'mirror.example.com/node:24-slim'];
    const { status, stderr } = pack([...args, '--ca', relative(ROOT, CA)]);
    expect([status, stderr]).toEqual([0, '']);
    const [build = [], saving = [], ...others] = calls();
    expect(build[0]).toBe('build');
    expect(build.at(-1)).toBe(ROOT);
    expect(valuesOf(build, '--platform')).toEqual(['linux/amd64']);
    expect(valuesOf(build, '--tag')).toEqual([IMAGE]);
    expect(valuesOf(build, '--build-arg')).toEqual([
      `VERSION=${version}`,
      expect.stringMatching(/^REVISION=[0-9a-f]{40}$/),
      expect.stringMatching(/^CREATED=\d{4}-.*Z$/),
      'BASE=mirror.example.com/node:24-slim',
    ]);
    expect(valuesOf(build, '--secret')).toEqual([`id=ca,src=${CA}`]);
    // Docker writes its own format, which has a health check, without being asked.
    expect(valuesOf(build, '--format')).toEqual(engine === 'docker' ? [] : ['docker']);
    expect(saving.slice(0, 2)).toEqual(save);
    expect(others).toEqual([]);
    const archive = unzipSync(readFileSync(join(OUT, `cloud-remote-access-${version}.zip`)));
    expect(Buffer.from(archive['image.tar']!).toString()).toBe('saved by the engine');
  });

  it('takes the base of the Dockerfile, and the authorities of the environment', () => {
    pack(['--engine', 'docker'], { NODE_EXTRA_CA_CERTS: CA });
    expect(valuesOf(calls()[0]!, '--secret')).toEqual([`id=ca,src=${CA}`]);
    pack(['--engine', 'docker']);
    expect(valuesOf(calls()[0]!, '--secret')).toEqual([]);
    expect(valuesOf(calls()[0]!, '--build-arg').join()).not.toContain('BASE=');
  });
});

describe('with the real buildah', () => {
  /** As root, with a store of its own, and without a name space that a container may not make. */
  const command = (...words: string[]): string[] => [
    ...AS_ROOT,
    'env',
    `PATH=${process.env['PATH']}`,
    `CONTAINERS_STORAGE_CONF=${path('storage.conf')}`,
    'BUILDAH_ISOLATION=chroot',
    ...words,
  ];
  const run = ([program = '', ...args]: string[]): string =>
    execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe', cwd: ROOT });
  let image: UnpackedImage;

  beforeAll(() => {
    const store = [`graphroot = "${path('store')}"`, `runroot = "${path('run')}"`];
    writeFileSync(path('storage.conf'), ['[storage]', 'driver = "vfs"', ...store, ''].join('\n'));
    mkdirSync(path('base'));
    writeScriptedBase(path('base'));
    run(command('buildah', 'build', '--tag', 'localhost/scripted:1', path('base')));
    const main = join(ROOT, 'tools', 'pack', 'main.mjs');
    const out = ['--no-build', '--out', path('built')];
    const options = ['--engine', 'buildah', '--base', 'localhost/scripted:1', '--ca', CA];
    run(command(process.execPath, main, ...out, ...options));
    const archive = join(path('built'), `cloud-remote-access-${version}.zip`);
    writeFileSync(path('image.tar'), unzipSync(readFileSync(archive))['image.tar']!);
    image = new UnpackedImage(path('image.tar'));
  });
  afterAll(() => {
    image?.remove();
    run([...AS_ROOT, 'rm', '-rf', path('store'), path('run'), path('built')]);
  });

  const recorded = (name: string): string =>
    readFileSync(join(image.rootfs, RECORDS, name), 'utf8');
  const files = (): string[] =>
    run(['find', image.rootfs, '-type', 'f', '-printf', '/%P\\n']).trim().split('\n');

  it('npm trusts the authorities, and they do not get into the image', () => {
    const hash = createHash('sha256').update(AUTHORITIES).digest('hex');
    expect(recorded('authorities').split(' ')[0]).toBe(hash);
    expect(readFileSync(path('image.tar')).includes('of the proxy of a company')).toBe(false);
    expect(files().filter(file => file.includes('/run/secrets'))).toEqual([]);
  });

  it('the engine is given what the Dockerfile copies, and neither tests nor what was built', () => {
    const context = recorded('context').trim().split('\n');
    expect(context).toEqual(
      expect.arrayContaining([
        ...['./package-lock.json', './apps/microservice/tsconfig.json'],
        ...['./apps/plugin/package.json', './tools/demo-target/package.json'],
      ]),
    );
    const unwanted = /\.spec\.ts$|\.fixture\.ts$|\/dist\/|\.env|^\.\/(?:test|docs|\.git)\//;
    expect(context.filter(file => unwanted.test(file))).toEqual([]);
  });

  it('the image has the code of the packages, and neither sources nor tests', () => {
    const ours = files().filter(file => file.startsWith('/app/'));
    const packages = ['wanted/index.js', 'wanted/lib/test/index.js'];
    expect(ours).toEqual(
      expect.arrayContaining([
        ...packages.map(file => `/app/node_modules/${file}`),
        ...['/app/LICENSE', '/app/NOTICE'],
      ]),
    );
    expect(NOT_NEEDED.filter(file => ours.includes(`/app/node_modules/${file}`))).toEqual([]);
    const unwanted = /\.[cm]?ts$|\.map$|tsconfig|testkit|^\/app\/apps\/(?!microservice\/)/;
    expect(ours.filter(file => unwanted.test(file))).toEqual([]);
  });

  it('the image says its version and commit, and has the health check', () => {
    const args = ['inspect', '--config', '--raw', `docker-archive:${path('image.tar')}`];
    const { config } = JSON.parse(run(['skopeo', ...args])) as {
      config: { User: string; Labels: Record<string, string>; Healthcheck: { Test: string[] } };
    };
    expect(config.User).toBe('1000:1000');
    expect(config.Healthcheck.Test.at(-1)).toBe('apps/microservice/dist/health-check.js');
    expect(config.Labels).toMatchObject({
      'org.opencontainers.image.version': version,
      'org.opencontainers.image.revision': run(['git', 'rev-parse', 'HEAD']).trim(),
    });
  });
});
