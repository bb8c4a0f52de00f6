import { describe, expect, test, vi } from 'vitest';
import { command, project, temporaryFolder } from '../test/command.ts';

describe('a call that makes no sense exits with 2 and says where to look', () => {
  test.for([
    [['nope'], "unknown command 'nope'\n(setpoint --help lists the commands)"],
    [['instal'], "unknown command 'instal'\n(Did you mean install?)"],
    [['install', '--nope'], "unknown option '--nope'\n(setpoint install --help lists its options)"],
    [['version', 'x'], 'too many arguments'],
    [['controlplane', '--secure-port', '65536'], '--secure-port: "65536" is no port, a number from 0 to 65535'],
    [['controlplane', '--secure-port', '-1'], '--secure-port: "-1" is no port'],
    [['controlplane', '--secure-port', '6443x'], '--secure-port: "6443x" is no port'],
    [['controlplane', '--secure-port'], 'flag needs an argument: --secure-port'],
    [['controlplane', '--controllers=pods'], "there is no controller 'pods'; there are: *, "],
    [['controlplane', '--nope=1'], 'unknown flag: --nope'],
    [['controlplane', 'x'], 'takes no arguments, and got "x"'],
    [['controlplane', '--etcd-servers=http://127.0.0.1:2379'], '--etcd-servers is not available'],
    [['controlplane', '--oidc-issuer-url=https://x'], '--oidc-issuer-url is not available'],
    [['controlplane', '--feature-gates=Nope=true'], 'unrecognized feature gate: Nope'],
    [['install', '--timeout', 'long'], '--timeout is a duration such as 30s or 2m, not "long"'],
  ] as const)('setpoint %j', async ([argv, says]) => {
    const { code, out, err } = await command(...argv);
    expect(err).toMatch(/^setpoint: /);
    expect(err).toContain(says);
    expect(err).not.toContain('    at ');
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });

  test('no command at all shows the help', async () => {
    const { code, out, err } = await command();
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('Usage: setpoint <command> [options]');
  });
});

describe('help', () => {
  const commands = [
    'version',
    'build',
    'image',
    'controlplane',
    'envtest-assets',
    'install',
    'uninstall',
    'deploy',
    'undeploy',
    'doctor',
    'edit',
    'import',
    'run',
    'dev',
  ];

  test('names every command', async () => {
    const { code, out, err } = await command('--help');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const name of commands) expect(out).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  });

  test.for(commands)('of %s tells what it does and every option, on lines a terminal can hold', async (name) => {
    const { code, out } = await command(name, '--help');
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^Usage: setpoint ${name} `));
    expect(out).toContain('--debug');
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
    expect((await command('help', name)).out).toBe(out);
  });
});

describe('help of what create makes', () => {
  test.for(['api', 'webhook', 'version'])('create %s has examples, on lines a terminal can hold', async (name) => {
    const { code, out } = await command('create', name, '--help');
    expect(code).toBe(0);
    expect(out).toContain(`Examples:\n  setpoint create ${name} `);
    expect(out).toContain('--debug');
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
  });
});

describe('version', () => {
  test('prints the facts that a bug report needs', async () => {
    const { code, out, err } = await command('version');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\n').map((line) => line.split(':')[0])).toEqual([
      'Setpoint',
      'Commit',
      'Built',
      'Kubernetes API',
      'Node',
      'OS/Arch',
      '',
    ]);
    expect(out).toContain(`Node:           ${process.versions.node}\n`);
    expect(out).toMatch(/Kubernetes API: v1\.36\.\d+\n/);
    expect((await command('--version')).out).toBe(out);
  });

  test('prints them as JSON', async () => {
    const facts = JSON.parse((await command('version', '--json')).out);
    expect(Object.keys(facts)).toEqual(['setpoint', 'commit', 'built', 'kubernetes', 'node', 'platform']);
  });
});

describe('an error', () => {
  const failing = ['run', '--project', project('throws')];
  const sentence = `setpoint: cannot load the operator ${project('throws')}/src/operator.ts: the licence has expired\n`;

  test('is one sentence', async () => {
    expect(await command(...failing)).toEqual({ code: 1, out: '', err: sentence });
  });

  test('shows its stack and its causes with --debug', async () => {
    const { code, err } = await command(...failing, '--debug');
    expect(code).toBe(1);
    expect(err.startsWith(sentence)).toBe(true);
    expect(err).toMatch(/^Failure: cannot load.*\n +at /m);
    expect(err).toMatch(/^caused by Error: the licence has expired\n +at /m);
    expect(err).toMatch(/^caused by Error: it is 2031\n/m);
  });

  test('shows no stack for a --debug that is meant for the operator', async () => {
    expect((await command(...failing, '--', '--debug')).err).toBe(sentence);
  });
});

describe('run', () => {
  test('hands on what follows --, and its own --kubeconfig and --context before that', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    const recording = ['run', '--project', project('recording')];
    const { code } = await command(...recording, '--', '--log-level', 'debug', '--leader-elect=false');
    await command(...recording, '--kubeconfig', '/a b', '--context', 'c', '--', '--project=x');
    await command(...recording);
    await command(...recording, '--metrics-bind-address=0');
    const lines = log.mock.calls.map(([line]) => JSON.parse(line));
    log.mockRestore();
    expect(code).toBe(0);
    expect(lines).toEqual([
      ['--log-level', 'debug', '--leader-elect=false'],
      ['--kubeconfig=/a b', '--context=c', '--project=x'],
      [],
      ['--metrics-bind-address=0'],
    ]);
  });

  test('of a folder that does not exist', async () => {
    const { code, err } = await command('run', '--project', '/does/not/exist');
    expect({ code, err }).toEqual({
      code: 1,
      err: "setpoint: the folder /does/not/exist does not exist; name the operator's with --project\n",
    });
  });

  test('of a folder without an operator', async () => {
    const folder = temporaryFolder();
    const { code, err } = await command('run', '--project', folder);
    expect(code).toBe(1);
    expect(err).toContain(`no operator found in ${folder}: expected src/operator.ts with \`export default operator(`);
  });
});
