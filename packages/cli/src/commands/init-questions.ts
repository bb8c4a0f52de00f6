import { resolve } from 'node:path';
import { cancel, confirm, intro, isCancel, outro, select, text } from '@clack/prompts';
import { Failure, sentenceOf } from '../failure.ts';
import { firstGroup, firstKind, packageManagers, refuseOccupied } from '../scaffold/index.ts';
import { checkedDomain, checkedName, defaultDomain, type InitFlags, likelyManager, nameFrom } from './init.ts';

/**
 * Asks what the command line does not say.
 *
 * @throws Failure if the person would rather not
 */
export async function askForInit(
  folder: string | undefined,
  flags: InitFlags,
): Promise<InitFlags & { readonly folder: string }> {
  intro('A new operator');
  const at = folder ?? (await line('In which folder?', 'my-operator', (said) => refuseOccupied(resolve(said))));
  refuseOccupied(resolve(at));
  const name =
    flags.name ?? (await line('What is the operator called?', nameFrom(resolve(at)), (said) => checkedName(said)));
  const domain =
    flags.domain ?? (await line('With which domain do the groups of its kinds end?', defaultDomain, checkedDomain));
  const answers = {
    ...flags,
    ...(await askForKind(flags, name)),
    folder: at,
    name,
    domain,
    packageManager: flags.packageManager ?? (await askForManager(at)),
    ...(await askForLicence(flags, name)),
    install: flags.install ?? (await answered(confirm({ message: 'Install its packages now?' }))),
  };
  outro('Writing it');
  return answers;
}

async function askForKind(flags: InitFlags, name: string): Promise<Partial<InitFlags>> {
  if (!flags.api) return {};
  const asked = flags.kind !== undefined || flags.group !== undefined;
  const api = asked || (await answered(confirm({ message: 'Make a first kind, with its controller and a test?' })));
  if (!api) return { api };
  return {
    api,
    kind: flags.kind ?? (await line('Which kind? (CamelCase, singular)', firstKind(name), () => undefined)),
    group: flags.group ?? (await line('In which group? The domain is added.', firstGroup(name), () => undefined)),
  };
}

async function askForManager(folder: string): Promise<NonNullable<InitFlags['packageManager']>> {
  const options = packageManagers.map((value) => ({ value, label: value }));
  const initialValue = likelyManager(folder).name;
  return await answered(select({ message: 'Which package manager?', options, initialValue }));
}

async function askForLicence(flags: InitFlags, name: string): Promise<Partial<InitFlags>> {
  const license = flags.license ?? (await answered(select({ message: 'Which licence?', options: licences })));
  if (license === 'none' || flags.owner !== undefined) return { license };
  return { license, owner: await line('Whose is the copyright?', `The ${name} authors`, () => undefined) };
}

const licences = [
  { value: 'none' as const, label: 'none' },
  { value: 'apache2' as const, label: 'Apache 2.0', hint: 'a header in each source' },
];

/** A line of text. What `check` throws is shown, and asked again. */
function line(message: string, defaultValue: string, check: (said: string) => unknown): Promise<string> {
  const validate = (said: string | undefined) => {
    try {
      check(said || defaultValue);
      return undefined;
    } catch (error) {
      return sentenceOf(error).replace(/^--/, '');
    }
  };
  return answered(text({ message, placeholder: defaultValue, defaultValue, validate }));
}

/** @throws Failure after Ctrl-C */
async function answered<T>(question: Promise<T>): Promise<Exclude<T, symbol>> {
  const answer = await question;
  if (!isCancel(answer)) return answer as Exclude<T, symbol>;
  cancel('Cancelled.');
  throw new Failure('cancelled; nothing was written');
}
