// biome-ignore-all lint/suspicious/noExplicitAny: reviews are written as they come over the wire.
import { expect, it } from 'vitest';
import { z } from 'zod';
import { recordingLog } from '../../test/fake/operator.ts';
import { defineCrd, defineKind, spoke } from '../kinds/index.ts';
import { convertReview } from './conversion.ts';

const names = { group: 'test.example.com', kind: 'Disk' };
const V1 = defineKind({ ...names, version: 'v1', spec: z.object({ gib: z.int() }) });
const V1beta1 = defineKind({ ...names, version: 'v1beta1', spec: z.object({ mib: z.int() }) });
const V1alpha1 = defineKind({ ...names, version: 'v1alpha1', spec: z.object({ size: z.string() }) });
const crd = defineCrd({
  storage: V1,
  hub: V1,
  spokes: [
    spoke(V1, V1beta1, {
      toHub: ({ spec }) => {
        if (spec.mib % 1024 !== 0) throw new Error(`${spec.mib} MiB are no whole GiB`);
        return { spec: { gib: spec.mib / 1024 } };
      },
      fromHub: ({ spec }) => ({ spec: { mib: spec.gib * 1024 } }),
    }),
    spoke(V1, V1alpha1, {
      toHub: ({ spec }) => ({ spec: { gib: Number.parseInt(spec.size, 10) } }),
      fromHub: ({ spec, metadata }) => ({
        spec: { size: `${spec.gib}Gi` },
        metadata: { annotations: { ...metadata.annotations, seen: 'yes' } },
      }),
    }),
  ],
});

const disk = (version: string, spec: object, metadata: object = {}): any => ({
  apiVersion: `test.example.com/${version}`,
  kind: 'Disk',
  metadata: { name: 'a', namespace: 'default', uid: 'x', managedFields: [{ manager: 'm' }], ...metadata },
  spec,
});

let panics = 0;
const convert = (desired: string, ...objects: any[]) => {
  const review = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'ConversionReview',
    request: { uid: 'u1', desiredAPIVersion: `test.example.com/${desired}`, objects },
  };
  return convertReview([crd], review, { log: recordingLog([]), panicked: () => void panics++ }).response;
};

it('converts in both directions, from spoke to spoke by way of the hub, each object in its place', () => {
  expect(convert('v1', disk('v1beta1', { mib: 2048 })).convertedObjects).toEqual([disk('v1', { gib: 2 })]);
  expect(convert('v1beta1', disk('v1', { gib: 1 }), disk('v1alpha1', { size: '3Gi' })).convertedObjects).toEqual([
    disk('v1beta1', { mib: 1024 }),
    disk('v1beta1', { mib: 3072 }),
  ]);
});

it('keeps metadata but for labels and annotations that a function answers with', () => {
  const [object] = convert('v1alpha1', disk('v1', { gib: 1 }, { annotations: { a: 'b' } })).convertedObjects as any[];
  expect(object).toEqual(disk('v1alpha1', { size: '1Gi' }, { annotations: { a: 'b', seen: 'yes' } }));
});

it('answers for all with what one of them cannot be', () => {
  const failed = (text: string) => ({
    uid: 'u1',
    result: { status: 'Failure', message: expect.stringContaining(text) },
  });
  expect(convert('v1', disk('v1beta1', { mib: 2048 }), disk('v1beta1', { mib: 5 }))).toEqual(
    failed('5 MiB are no whole GiB'),
  );
  expect(convert('v1', disk('v1', { gib: 1 }))).toEqual(failed('nothing to convert'));
  expect(convert('v2', disk('v1', { gib: 1 }))).toEqual(failed('v2 is no version of disks.test.example.com'));
  expect(convert('v1', { ...disk('v1beta1', {}), kind: 'Other' })).toEqual(failed('does not convert Other'));
  expect(convert('v1', { ...disk('v1beta1', {}), apiVersion: 'other/v1' })).toEqual(failed('another group'));
});

it('does not tell the text of a mistake, and counts it', () => {
  panics = 0;
  expect(convert('v1', { ...disk('v1alpha1', {}), spec: undefined })).toEqual({
    uid: 'u1',
    result: { status: 'Failure', message: 'internal error occurred during conversion' },
  });
  expect(panics).toBe(1);
});

it('refuses what is no ConversionReview', () => {
  const environment = { log: recordingLog([]), panicked: () => {} };
  for (const review of [null, {}, { apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview' }]) {
    expect(() => convertReview([crd], review, environment)).toThrow();
  }
});
