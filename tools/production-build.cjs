// Applied by the builds of the plugin and the shell (`extraWebpackConfig`). The Web SDK's builder
// replaces Angular's optimizer with one that does not know Angular's constants, so `ng build` would
// leave Angular in development mode: with `window.ng`, a second check of every view, and its error
// messages.
const { DefinePlugin } = require('webpack');

module.exports = () => ({
  plugins: [new DefinePlugin({ ngDevMode: 'false', ngI18nClosureMode: 'false' })],
});
