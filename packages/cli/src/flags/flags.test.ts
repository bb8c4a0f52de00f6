import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../test/command.ts';
import { apiServerForms, apiServerHelp } from './api-server-flags.ts';
import { parseFlags, switchOf } from './parse.ts';
import { apiServerSettings } from './settings.ts';

const settings = (...argv: string[]) => apiServerSettings(parseFlags(argv, apiServerForms));

describe('a command line', () => {
  test('has values behind = or as the next word, and flags that are repeated', () => {
    const flags = parseFlags(
      [
        '--secure-port=1',
        '--secure-port',
        '2',
        '-v=3',
        '-v',
        '4',
        '--enable-admission-plugins=A,B',
        '--enable_admission_plugins',
        'C',
      ],
      apiServerForms,
    );
    expect(flags.all('secure-port')).toEqual(['1', '2']);
    expect(flags.last('secure-port')).toBe('2');
    expect(flags.all('v')).toEqual(['3', '4']);
    expect(flags.list('enable-admission-plugins')).toEqual(['A', 'B', 'C']);
  });

  test('has switches that never take the next word', () => {
    const flags = parseFlags(['--allow-privileged', '--profiling=false', '--bind-address', '::1'], apiServerForms);
    expect(switchOf(flags, 'allow-privileged')).toBe(true);
    expect(switchOf(flags, 'profiling')).toBe(false);
    expect(switchOf(flags, 'watch-cache')).toBeUndefined();
    expect(flags.last('bind-address')).toBe('::1');
  });

  test.for([
    [['--nope=1'], 'unknown flag: --nope'],
    [['-x'], 'unknown flag: -x'],
    [['-secure-port=1'], 'unknown flag: -secure-port'],
    [['--cert-dir'], 'flag needs an argument: --cert-dir'],
    [['serve'], 'takes no arguments, and got "serve"'],
    [['--allow-privileged=perhaps'], 'invalid argument "perhaps" for --allow-privileged'],
  ] as const)('that cannot be understood is refused by name: %j', ([argv, says]) => {
    expect(() => parseFlags(argv, apiServerForms)).toThrow(says);
  });
});

describe('flags of an API server', () => {
  test('that would change what clients see, and do nothing here, are refused by name', () => {
    expect(() => settings('--encryption-provider-config=/x')).toThrow('--encryption-provider-config is not available');
    expect(() => settings('--anonymous-auth=false')).toThrow('--anonymous-auth=false is not available');
    expect(() => settings('--service-cluster-ip-range=10.96.0.0/12')).toThrow('10.96.0.0/12 is not available');
    expect(() => settings('--authorization-mode=RBAC,Webhook')).toThrow('Webhook is not available');
    expect(() => settings('--audit-log-format=legacy')).toThrow('legacy is not available');
  });

  test('may ask for what is the case anyway', () => {
    expect(() =>
      settings(
        '--anonymous-auth=true',
        '--service-cluster-ip-range=10.0.0.0/24',
        '--oidc-issuer-url=',
        '--storage-backend=etcd3',
        '--enable-bootstrap-token-auth=false',
      ),
    ).not.toThrow();
  });

  test('say who may do what', () => {
    expect(settings('--authorization-mode=Node,RBAC').options.authorizationMode).toBe('RBAC');
    expect(settings('--authorization-mode=RBAC,AlwaysAllow').options.authorizationMode).toBe('AlwaysAllow');
    expect(settings().options.authorizationMode).toBeUndefined();
    expect(() => settings('--authorization-mode=Nope')).toThrow('there is no mode "Nope"');
  });

  test('set feature gates to what they are, or where either way is the same', () => {
    expect(() =>
      settings('--feature-gates=WatchList=true,AllAlpha=false', '--feature-gates=CBORServingAndStorage=false'),
    ).not.toThrow();
    expect(() => settings('--feature-gates=APIServerIdentity=false')).not.toThrow();
    expect(() => settings('--feature-gates=WatchList=false')).toThrow('WatchList cannot be off');
    expect(() => settings('--feature-gates=AllAlpha=true')).toThrow('AllAlpha cannot be on');
    expect(() => settings('--feature-gates=SidecarContainers=false')).toThrow('locked to true');
    expect(() => settings('--feature-gates=AggregatedDiscoveryEndpoint=false')).toThrow('unrecognized feature gate');
    expect(() => settings('--feature-gates=WatchList')).toThrow('missing bool value');
  });

  test('ask for versions that are served, and for no others', () => {
    expect(() => settings('--runtime-config=api/all=true,apps/v1=true,v1')).not.toThrow();
    expect(() => settings('--runtime-config=resource.k8s.io/v1alpha3=false')).not.toThrow();
    expect(() => settings('--runtime-config=resource.k8s.io/v1alpha3=true')).toThrow('v1alpha3=true is not available');
    expect(() => settings('--runtime-config=apps/v1=false')).toThrow('apps/v1=false is not available');
    expect(() => settings('--runtime-config=api/legacy=true')).toThrow('api/legacy=true is not available');
  });

  test('name files, which are read; one that is missing is named, and so is its flag', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'tokens.csv');
    writeFileSync(file, 'abc,alice,1,"dev,ops"\n\ndef,"bo ""b""",2\n');
    expect(settings(`--token-auth-file=${file}`).options.tokens).toEqual({
      abc: { name: 'alice', uid: '1', groups: ['dev', 'ops'] },
      def: { name: 'bo "b"', uid: '2', groups: [] },
    });
    writeFileSync(file, 'secret,alice\n');
    expect(() => settings(`--token-auth-file=${file}`)).toThrow(/line 1 of .*tokens.csv must have a token/);
    expect(() => settings(`--token-auth-file=${file}`)).not.toThrow('secret');
    expect(() => settings(`--client-ca-file=${folder}/none`)).toThrow(
      /--client-ca-file: .*none cannot be read \(ENOENT\)/,
    );
    expect(() => settings('--tls-cert-file=/x')).toThrow('belong together');
    expect(settings('--cert-dir=/c').serving).toEqual({
      certificate: '/c/apiserver.crt',
      key: '/c/apiserver.key',
      made: true,
    });
  });

  test('say how often history is compacted', () => {
    expect(settings('--etcd-compaction-interval=1m30s').options.compactionInterval).toBe(90_000);
    expect(() => settings('--etcd-compaction-interval=soon')).toThrow('soon is no duration');
  });

  test('are listed one a line, where test environments look for them', () => {
    expect(apiServerHelp()).toMatch(/^ *--service-account-signing-key-file\b/m);
    expect(apiServerHelp()).not.toMatch(/^ *--insecure-port\b/m);
  });
});
