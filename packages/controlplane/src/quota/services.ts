import type { KubeObject } from '@setpoint/apimachinery/meta';
import { quantityFromNumber } from '@setpoint/apimachinery/quantity';
import { one, zero } from './amounts.ts';
import type { Evaluator } from './evaluator.ts';

interface Service extends KubeObject {
  readonly spec?: {
    readonly type?: string;
    readonly ports?: readonly { readonly nodePort?: number }[];
    readonly allocateLoadBalancerNodePorts?: boolean;
  };
}

const names: readonly string[] = ['count/services', 'services', 'services.nodeports', 'services.loadbalancers'];

export const serviceEvaluator: Evaluator = {
  counts: (name) => names.includes(name),
  matchesScope: () => false,
  usage(object) {
    const { spec } = object as Service;
    return new Map([
      ['count/services', one],
      ['services', one],
      ['services.loadbalancers', spec?.type === 'LoadBalancer' ? one : zero],
      ['services.nodeports', quantityFromNumber(nodePorts(spec))],
    ]);
  },
  handlesUpdate: (_object, _old, subresource) => subresource === '',
  givesBack: (object, old) => kindOf(object as Service) !== kindOf(old as Service),
};

/** What is going to be given counts as what has been given. */
function nodePorts(spec: Service['spec']): number {
  const ports = spec?.ports ?? [];
  if (spec?.type === 'NodePort') return ports.length;
  if (spec?.type !== 'LoadBalancer') return 0;
  return spec.allocateLoadBalancerNodePorts === false ? ports.filter(({ nodePort }) => nodePort).length : ports.length;
}

function kindOf({ spec }: Service): string {
  return spec?.type === 'NodePort' || spec?.type === 'LoadBalancer' ? spec.type : '';
}
