// Unlike browsers, jsdom has no TextEncoder.
globalThis.TextEncoder ??= require('node:util').TextEncoder;
