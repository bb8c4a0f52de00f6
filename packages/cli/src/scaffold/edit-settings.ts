import {
  appendMember,
  type Edit,
  endOf,
  hasMember,
  inStyle,
  type ObjectExpression,
  parseSource,
  propertyOf,
  type Source,
  startOf,
  unwrapped,
  withEdits,
} from './edit-source.ts';
import { keyText, literal } from './webhook-files.ts';

/** Members of an object and the values they are to have. */
export type Settings = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/**
 * The text of a JSON file with settings in an object that is a member of it; formatting stays.
 *
 * @throws Failure for what is no JSON
 */
export async function withJsonSettings(
  path: string,
  text: string,
  member: string,
  settings: Settings,
): Promise<string> {
  const open = '(';
  const source = await parseSource(path, `${open}${text})`);
  const [statement] = source.body;
  const root = statement?.type === 'ExpressionStatement' ? unwrapped(statement.expression) : undefined;
  if (root?.type !== 'ObjectExpression') return text;
  const after = withMembers(source, root, member, settings, (name, value) => `${JSON.stringify(name)}: ${json(value)}`);
  return after === undefined ? text : after.slice(open.length, -1);
}

function json(value: Settings[string] | Settings): string {
  return Array.isArray(value) || typeof value !== 'object'
    ? JSON.stringify(value)
    : `{ ${Object.entries(value)
        .map(([name, each]) => `${JSON.stringify(name)}: ${json(each)}`)
        .join(', ')} }`;
}

/**
 * A `setpoint.config.ts` with settings of a deployment; undefined where it exports nothing that can be added to.
 */
export function withDeployment(source: Source, settings: Settings): string | undefined {
  const statement = source.body.find(({ type }) => type === 'ExportDefaultDeclaration');
  const exported = statement && unwrapped((statement as { readonly declaration?: unknown }).declaration);
  const root = exported?.type === 'CallExpression' ? unwrapped(exported.arguments[0]) : exported;
  if (root?.type !== 'ObjectExpression') return undefined;
  return withMembers(source, root, 'deployment', settings, (name, value) =>
    inStyle(`${keyText(name)}: ${literal(value)}`, source.style),
  );
}

type Writer = (name: string, value: Settings[string] | Settings) => string;

function withMembers(
  source: Source,
  root: ObjectExpression,
  member: string,
  settings: Settings,
  write: Writer,
): string | undefined {
  const property = propertyOf(root, member);
  const object = property && unwrapped(property.value);
  if (!property) {
    if (hasMember(root, member)) return undefined;
    return withEdits(source.text, appendMember(source, root, root.properties, write(member, settings)));
  }
  if (object?.type !== 'ObjectExpression') return undefined;
  const edits: Edit[] = [];
  const added: string[] = [];
  for (const [name, value] of Object.entries(settings)) {
    const present = propertyOf(object, name)?.value;
    const text = write(name, value);
    const own = text.slice(text.indexOf(':') + 2);
    if (present) edits.push({ start: startOf(present), end: endOf(present), text: own });
    else if (hasMember(object, name)) return undefined;
    else added.push(text);
  }
  if (added.length > 0) {
    const oneLine = !source.text.slice(startOf(object), endOf(object)).includes('\n');
    edits.push(...appendMember(source, object, object.properties, added.join(oneLine ? ', ' : ',\n')));
  }
  return withEdits(source.text, edits);
}
