export { gettext, type Message as Words } from './message';
