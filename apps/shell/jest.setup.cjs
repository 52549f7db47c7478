// jsdom has no text encoder; every browser has.
globalThis.TextEncoder ??= require('node:util').TextEncoder;
