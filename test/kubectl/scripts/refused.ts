import { run, type Step } from '../script.ts';
import { pod } from './fixtures.ts';

/** What a real server does and the embedded one does not yet: the sentence a person then reads. */
export interface Refused {
  readonly steps: readonly [Step, ...Step[]];
  readonly sentence: RegExp;
}

export const refused: readonly Refused[] = [
  {
    steps: [run('create -f -', pod('closed')), { command: 'patch pod closed --subresource=resize --type=merge -p {}' }],
    sentence: /the subresource pods\/resize is not implemented by this control plane$/,
  },
];
