export { apiServerForms, apiServerHelp } from './api-server-flags.ts';
export { readFlagFile } from './files.ts';
export { FlagError, type FlagForm, type FlagForms, GivenFlags, parseFlags, switchOf } from './parse.ts';
export { type ApiServerSettings, apiServerSettings } from './settings.ts';
