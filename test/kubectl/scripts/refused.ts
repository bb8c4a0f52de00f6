import { edit, run, type Step } from '../script.ts';
import { configMap, deployment, gizmo, pod } from './fixtures.ts';

/** What a real server does and the embedded one does not yet: the sentence a person then reads. */
export interface Refused {
  readonly steps: readonly [Step, ...Step[]];
  readonly sentence: RegExp;
}

const strategic = /strategic merge patch is not implemented by this control plane$/;
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
    steps: [run('apply -f -', configMap('twice')), run('apply -f -', configMap('twice', { c: 'd' }))],
    sentence: strategic,
  },
  {
    steps: [
      run('create -f -', pod('patched')),
      { command: `patch pod patched -p '{"metadata":{"labels":{"a":"b"}}}'` },
    ],
    sentence: strategic,
  },
  {
    steps: [run('create -f -', deployment('restarted')), { command: 'rollout restart deploy/restarted' }],
    sentence: strategic,
  },
  {
    steps: [run('create -f -', deployment('edited')), edit('deploy edited', 's/replicas: 2/replicas: 3/')],
    sentence: /could not be patched: strategic merge patch is not implemented by this control plane$/,
  },
  {
    steps: [run('create -f -', pod('silent')), { command: 'logs silent' }],
    sentence: /the subresource pods\/log is not implemented by this control plane$/,
  },
  {
    steps: [run('create -f -', pod('closed')), { command: 'exec closed -- true' }],
    sentence: /the subresource pods\/exec is not implemented by this control plane$/,
  },
  {
    steps: [run('create -f -', deployment('renewed')), { command: 'set image deploy/renewed web=nginx:2' }],
    sentence: strategic,
  },
];
