import { addQuantities, isZeroQuantity, type Quantity } from '@setpoint/apimachinery/quantity';
import { type Amounts, addTo, type ResourceList, raiseTo, readAmounts } from './amounts.ts';

export interface PodSpec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly resources?: Resources;
  readonly overhead?: ResourceList;
}

export interface Container {
  readonly name: string;
  readonly restartPolicy?: string;
  readonly resources?: Resources;
}

export interface Resources {
  readonly requests?: ResourceList;
  readonly limits?: ResourceList;
}

/** What a pod needs: all its containers together, or more where an init container alone needs more. */
export function podAmounts(spec: PodSpec, member: 'requests' | 'limits'): Map<string, Quantity> {
  const sum = new Map<string, Quantity>();
  for (const container of spec.containers ?? []) addTo(sum, readAmounts(container.resources?.[member]));
  const sidecars = new Map<string, Quantity>();
  const initial = new Map<string, Quantity>();
  for (const container of spec.initContainers ?? []) {
    const own = readAmounts(container.resources?.[member]);
    if (container.restartPolicy === 'Always') {
      addTo(sum, own);
      addTo(sidecars, own);
      raiseTo(initial, sidecars);
    } else raiseTo(initial, addTo(own, sidecars));
  }
  raiseTo(sum, initial);
  for (const [name, amount] of readAmounts(spec.resources?.[member])) if (isPodLevel(name)) sum.set(name, amount);
  return sum;
}

/** The same with what running the pod takes by itself; that raises only limits that there are. */
export function podAmountsWithOverhead(spec: PodSpec, member: 'requests' | 'limits'): Amounts {
  const sum = podAmounts(spec, member);
  const overhead = readAmounts(spec.overhead);
  if (member === 'requests') return addTo(sum, overhead);
  for (const [name, amount] of overhead) {
    const present = sum.get(name);
    if (present && !isZeroQuantity(present)) sum.set(name, addQuantities(present, amount));
  }
  return sum;
}

/** Whether the pod says as a whole what it needs. */
export function hasPodLevelResources({ resources }: PodSpec): boolean {
  return [...Object.keys(resources?.requests ?? {}), ...Object.keys(resources?.limits ?? {})].some(isPodLevel);
}

function isPodLevel(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');
}
