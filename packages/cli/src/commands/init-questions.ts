import { resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { cancel, confirm, intro, isCancel, outro, select, text } from '@clack/prompts';
import { Failure, sentenceOf } from '../failure.ts';
import { firstGroup, firstKind, packageManagers, refuseOccupied } from '../scaffold/index.ts';
import {
  checkedDomain,
  checkedName,
  defaultDomain,
  firstApi,
  type InitFlags,
  likelyManager,
  nameFrom,
  projectOptions,
} from './init.ts';

/** Where a person sits; by default at the terminal of this process. */
export interface Seat {
  readonly input?: Readable;
  readonly output?: Writable;
}

/**
 * Asks what the command line does not say.
 *
 * @throws Failure if the person would rather not
 */
export async function askForInit(
  folder: string | undefined,
  flags: InitFlags,
  seat: Seat = {},
): Promise<InitFlags & { readonly folder: string }> {
  // What was said on the command line is refused before anything is asked.
  projectOptions(resolve(folder ?? '.'), { ...flags, name: flags.name ?? 'x' });
  intro('A new operator', seat);
  const ask = questions(seat);
  const at = folder ?? (await ask.line('In which folder?', 'my-operator', (said) => refuseOccupied(resolve(said))));
  refuseOccupied(resolve(at));
  const name = flags.name ?? (await ask.line('What is the operator called?', nameFrom(resolve(at)), checkedName));
  const domain =
    flags.domain ?? (await ask.line('With which domain do the groups of its kinds end?', defaultDomain, checkedDomain));
  const answers = {
    ...flags,
    ...(await askForKind(ask, flags, name, domain)),
    folder: at,
    name,
    domain,
    packageManager:
      flags.packageManager ?? (await ask.choice('Which package manager?', managers, likelyManager(at).name)),
    ...(await askForLicence(ask, flags, name)),
    install: flags.install ?? (await ask.agreement('Install its packages now?')),
  };
  outro('Writing it', seat);
  return answers;
}

async function askForKind(
  ask: Questions,
  flags: InitFlags,
  name: string,
  domain: string,
): Promise<Pick<InitFlags, 'api' | 'kind' | 'group'>> {
  const said = flags.kind !== undefined || flags.group !== undefined;
  const api = flags.api && (said || (await ask.agreement('Make a first kind, with its controller and a test?')));
  if (!api) return { api };
  const kind =
    flags.kind ??
    (await ask.line('Which kind? In CamelCase and singular', firstKind(name), (kind) =>
      firstApi({ ...flags, kind }, name, domain),
    ));
  const group =
    flags.group ??
    (await ask.line('In which group? The domain is added', firstGroup(name), (group) =>
      firstApi({ ...flags, kind, group }, name, domain),
    ));
  return { api, kind, group };
}

async function askForLicence(
  ask: Questions,
  flags: InitFlags,
  name: string,
): Promise<Pick<InitFlags, 'license' | 'owner'>> {
  const license = flags.license ?? (await ask.choice('Which licence?', licences, 'none'));
  if (license === 'none' || flags.owner !== undefined) return { license };
  return { license, owner: await ask.line('Whose is the copyright?', `The ${name} authors`, () => undefined) };
}

const managers = packageManagers.map((value) => ({ value, label: value as string }));

const licences = [
  { value: 'none' as const, label: 'none' },
  { value: 'apache2' as const, label: 'Apache 2.0', hint: 'a header in each source' },
];

interface Questions {
  /** A line of text. What `check` throws is shown, and asked again. */
  line(message: string, defaultValue: string, check: (said: string) => unknown): Promise<string>;
  agreement(message: string): Promise<boolean>;
  choice<T extends string>(
    message: string,
    options: readonly { readonly value: T; readonly label: string; readonly hint?: string }[],
    initialValue: T,
  ): Promise<T>;
}

function questions(seat: Seat): Questions {
  return {
    line(message, defaultValue, check) {
      const validate = (said: string | undefined) => {
        try {
          check(said || defaultValue);
          return undefined;
        } catch (error) {
          return sentenceOf(error).replace(/^--/, '');
        }
      };
      return answered(text({ message, placeholder: defaultValue, defaultValue, validate, ...seat }), seat);
    },
    agreement: (message) => answered(confirm({ message, ...seat }), seat),
    choice: <T extends string>(message: string, options: readonly { value: T; label: string }[], initialValue: T) =>
      answered(select<string>({ message, options: [...options], initialValue, ...seat }), seat) as Promise<T>,
  };
}

/** @throws Failure after Ctrl-C */
async function answered<T>(question: Promise<T>, seat: Seat): Promise<Exclude<T, symbol>> {
  const answer = await question;
  if (!isCancel(answer)) return answer as Exclude<T, symbol>;
  cancel('Cancelled', seat);
  throw new Failure('cancelled; nothing was written');
}
