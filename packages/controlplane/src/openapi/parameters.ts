export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path';
  readonly description?: string;
  readonly required?: true;
  readonly schema: { readonly type: string; readonly uniqueItems: true };
}

const descriptions: Readonly<Record<string, string>> = {
  dryRun: 'All: everything is done but the write.',
  fieldManager: 'Name of who makes the change.',
  fieldValidation: 'What becomes of unknown and repeated fields: Ignore, Warn or Strict.',
  force: 'An apply takes fields from other managers.',
  name: 'name of the object',
  namespace: 'object name and auth scope, such as for teams and projects',
  pretty: 'If true, the answer is indented.',
};

export function parameter(name: string, type: string): Parameter {
  return { name, in: 'query', ...describe(name), schema: { type, uniqueItems: true } };
}

export function pathParameter(name: string): Parameter {
  return { name, in: 'path', ...describe(name), required: true, schema: { type: 'string', uniqueItems: true } };
}

function describe(name: string): { readonly description?: string } {
  const description = descriptions[name];
  return description === undefined ? {} : { description };
}
