import { expect, test } from 'vitest';
import { podTemplateDump } from './go-dump.ts';
import { quantityDump } from './go-quantity.ts';
import { templateHash } from './template-hash.ts';

const template = (spec: object = {}) => ({
  metadata: { labels: { app: 'a' } },
  spec: {
    containers: [
      {
        name: 'c',
        image: 'i:1',
        resources: {},
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        imagePullPolicy: 'IfNotPresent',
      },
    ],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 0,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
    ...spec,
  },
});

test('the hash is the one that kube-controller-manager 1.36 makes', () => {
  expect(templateHash(template(), undefined)).toBe('57f786f5c');
});

test('another count of collisions makes another hash', () => {
  const hashes = [undefined, 0, 1].map((count) => templateHash(template(), count));
  expect(new Set(hashes).size).toBe(3);
});

test('the dump has every field, with its type', () => {
  const dump = podTemplateDump(template({ hostNetwork: true, nodeSelector: { b: 'x', a: 'y' } }));
  expect(dump).toContain('{ObjectMeta:(v1.ObjectMeta){Name:(string) GenerateName:(string)');
  expect(dump).toContain('NodeSelector:(map[string]string)map[a:y b:x]');
  expect(dump).toContain('HostNetwork:(bool)true');
  expect(dump).toContain('TerminationGracePeriodSeconds:(*int64)0');
  expect(dump).toContain('ActiveDeadlineSeconds:(*int64)<nil>');
});

test.each([
  ['1Gi', '1073741824', 0, '1Gi', 'BinarySI'],
  ['128Mi', '134217728', 0, '', 'BinarySI'],
  ['1500m', '1500', -3, '1500m', 'DecimalSI'],
  ['0', '0', 0, '', 'DecimalSI'],
])('%s is kept as Go keeps it', (text, value, scale, kept, format) => {
  expect(quantityDump(text)).toBe(
    `{i:(resource.int64Amount){value:(int64)${value} scale:(resource.Scale)${scale}} d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} s:(string)${kept} Format:(resource.Format)${format}}`,
  );
});
