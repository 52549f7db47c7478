const production = require('../../tools/production-build.cjs');

/** The id of the module that a host asks for what the plugin exports. */
const CONTAINER_ID = 'container';

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

module.exports = () => {
  const { plugins } = production();
  return { plugins: [...plugins, new FixedContainerId()] };
};
