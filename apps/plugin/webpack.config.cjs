const production = require('../../tools/production-build.cjs');

/** The id of the module that a host asks for what the plugin exports. */
const CONTAINER_ID = 'container';

/** The file with the container and the names of all other files. */
const ENTRY = /^remoteEntry\.js$/;

/**
 * webpack derives module ids from paths relative to the project, but the Web SDK's builder names the
 * exports of the container by absolute paths. Its id would differ from folder to folder.
 */
class FixedContainerId {
  apply(compiler) {
    compiler.hooks.compilation.tap('FixedContainerId', compilation => {
      compilation.hooks.beforeModuleIds.tap('FixedContainerId', modules => {
        for (const one of modules) {
          if (!one.identifier().startsWith('container entry ')) continue;
          compilation.chunkGraph.setModuleId(one, CONTAINER_ID);
        }
      });
    });
  }
}

/**
 * Terser chooses names by how often letters occur in a file. While it minifies the entry, the entry contains the chunks'
 * preliminary hashes, which depend on the folder; the names would depend on it too. Here they follow the alphabet.
 */
class NamesInAlphabeticalOrder {
  apply({ options: { optimization } }) {
    const terser = optimization.minimizer.find(
      ({ constructor }) => constructor.name === 'TerserPlugin',
    );
    if (!terser) return;
    // It comes first; the other minimizers skip files that are already minified.
    optimization.minimizer.unshift(
      new terser.constructor({
        include: ENTRY,
        parallel: terser.options.parallel,
        terserOptions: { mangle: { nth_identifier: { get: nthIdentifier } } },
      }),
    );
  }
}

/**
 * Terser runs it in another thread, from its source text, so it must not refer to anything outside it.
 *
 * @param {number} n
 */
function nthIdentifier(n) {
  const first = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ$_';
  const others = `${first}0123456789`;
  let name = first[n % first.length];
  for (let rest = Math.floor(n / first.length); rest > 0; rest = Math.floor(rest / others.length)) {
    rest -= 1;
    name += others[rest % others.length];
  }
  return name;
}

module.exports = () => {
  const { plugins } = production();
  return { plugins: [...plugins, new FixedContainerId(), new NamesInAlphabeticalOrder()] };
};
