// The plugin is no application: hosts load its exports (see cumulocity.config.ts) through
// remoteEntry.js. The builder wants an entry all the same, and makes de.json, which hosts fetch
// beside remoteEntry.js, of the locales that are imported here.
import './locales/de.po';
export {};
