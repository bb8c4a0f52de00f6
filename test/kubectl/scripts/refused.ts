import { run, type Step } from '../script.ts';
import { gizmo, pod } from './fixtures.ts';

/** What a real server does and the embedded one does not yet: the sentence a person then reads. */
export interface Refused {
  readonly steps: readonly [Step, ...Step[]];
  readonly sentence: RegExp;
}

const apply = /server-side apply is not implemented by this control plane$/;

export const refused: readonly Refused[] = [
  ...['auth whoami', 'auth can-i get pods'].map(
    (command): Refused => ({
      steps: [{ command }],
      sentence: /reviews are not implemented: there is no authorization yet$/,
    }),
  ),
  { steps: [run('apply --server-side -f -', gizmo('some'))], sentence: apply },
  {
    steps: [run('create -f -', pod('silent')), { command: 'logs silent' }],
    sentence: /the subresource pods\/log is not implemented by this control plane$/,
  },
  {
    steps: [run('create -f -', pod('closed')), { command: 'exec closed -- true' }],
    sentence: /the subresource pods\/exec is not implemented by this control plane$/,
  },
];
