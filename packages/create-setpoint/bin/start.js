// In a published package its own copy of that file.
export { start } from '../../cli/bin/start.js';
