export { Secret } from './secret';
export {
  readSettingsFrom,
  SettingsError,
  type SettingsReader,
  type SettingTexts,
} from './settings-reader';
