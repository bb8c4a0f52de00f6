import { sentenceOf } from './failure.ts';
import { type Output, terminal } from './output.ts';
import { type StopSignal, stopOnSignals } from './stop.ts';

/** Programs of a Kubernetes control plane that the embedded one stands in for. */
const programs = {
  etcd: async () => (await import('./launch/etcd.ts')).etcd,
  'kube-apiserver': async () => (await import('./launch/kube-apiserver.ts')).kubeApiServer,
} as const;

/** Runs the program named first with the flags behind it; resolves with the exit code: 0, or 1 for any failure. */
export async function launch(
  argv: readonly string[],
  output: Output = terminal,
  stop: StopSignal = stopOnSignals,
): Promise<number> {
  const [name = '', ...flags] = argv;
  if (name !== 'etcd' && name !== 'kube-apiserver') {
    output.err(`setpoint: there is no program ${JSON.stringify(name)} to stand in for\n`);
    return 1;
  }
  try {
    await (await programs[name]())(flags, output, stop);
    return 0;
  } catch (error) {
    output.err(`${name}: ${sentenceOf(error)}\n`);
    return 1;
  }
}
