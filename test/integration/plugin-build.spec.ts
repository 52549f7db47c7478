import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '@remote-access/testkit';
import { ROOT } from '../fixtures/archives';

// The plugin's own build takes minutes; this one goes the same way with a few files.
jest.setTimeout(120_000);

/** Where the plugin's build finds its tools. */
const fromPlugin = createRequire(join(ROOT, 'apps', 'plugin', 'package.json'));

interface Stats {
  hasErrors(): boolean;
  toString(): string;
}

const CHUNKS = Array.from({ length: 24 }, (_value, at) => at);

const scratch = temporaryFolder('plugin-build');
afterAll(() => scratch.remove());

/** Writes sources of which each names its folder, in a comment that Terser removes. */
function writeSources(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  for (const at of CHUNKS) write(`${at}.js`, `/* ${folder} */ export default ${at};`);
  const imports = CHUNKS.map(at => `export const load${at} = () => import('./${at}.js');`);
  write('exports.js', imports.join('\n'));
}

/** @returns remoteEntry.js of those sources, built with the plugin's settings of webpack */
async function entryBuiltIn(folder: string): Promise<string> {
  writeSources(folder);
  const webpack = fromPlugin('webpack') as {
    (options: object, done: (error: Error | null, stats: Stats) => void): void;
    container: { ModuleFederationPlugin: new (options: object) => object };
  };
  const Terser = fromPlugin('terser-webpack-plugin') as new (options: object) => object;
  const { plugins } = (fromPlugin('./webpack.config.cjs') as () => { plugins: object[] })();
  const container = new webpack.container.ModuleFederationPlugin({
    name: 'plugin',
    library: { type: 'var', name: 'plugin' },
    filename: 'remoteEntry.js',
    exposes: [{ everything: join(folder, 'exports.js') }],
  });
  const stats = await promisify(webpack)({
    mode: 'production',
    context: folder,
    devtool: false,
    entry: {},
    output: { path: join(folder, 'dist'), chunkFilename: '[name].[contenthash].js' },
    // The Web SDK's builder leaves a second one in the list.
    optimization: { minimizer: [1, 2].map(() => new Terser({ parallel: false })) },
    plugins: [container, ...plugins],
  });
  if (stats.hasErrors()) throw new Error(stats.toString());
  return readFileSync(join(folder, 'dist', 'remoteEntry.js'), 'utf8');
}

it('the entry of the plugin is the same wherever it is built', async () => {
  const folders = ['a', 'b/c', 'some/other/folder', 'd', 'e'].map(name => join(scratch.path, name));
  const entries = [];
  for (const folder of folders) entries.push(await entryBuiltIn(folder));
  expect(new Set(entries).size).toBe(1);
  // The chunks are named by their contents.
  expect(entries[0]).toMatch(/:"[0-9a-f]{16,}"/);
});
