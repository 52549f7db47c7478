// The plugin is no application: hosts load its exports (see cumulocity.config.ts) through
// remoteEntry.js. The builder wants an entry all the same.
export {};
