// Hosts load the exports of the plugin (see cumulocity.config.ts) through remoteEntry.js, not this
// file. The builder still needs an entry point, and writes the locales imported here to de.json,
// which hosts fetch from the folder of remoteEntry.js.
import './locales/de.po';
export {};
