// Checks that published code takes time, chance and output from where they are given to it, never from the process.
import { globSync, readFileSync } from 'node:fs';
import { runSourceCheck } from './lib/findings.ts';

interface Rule {
  readonly pattern: RegExp;
  readonly why: string;
  /** Files and folders that may, and the reason. */
  readonly except: Readonly<Record<string, string>>;
}

const rules: readonly Rule[] = [
  {
    pattern: /(?<!\.)\b(setTimeout|setInterval)\b|\bDate\.now\b|\bperformance\.now\b|\bnew Date\(\)|\bnode:timers\b/,
    why: 'time comes from a Clock (@setpoint/apimachinery/clock)',
    except: { 'packages/apimachinery/src/clock/': 'this is where time comes in' },
  },
  {
    pattern: /\bAbortSignal\.timeout\b/,
    why: 'time comes from a Clock (@setpoint/apimachinery/clock)',
    except: {
      'packages/testing/src/settled.ts': "how long the person waits, while the operator's clock stands still",
      'packages/testing/src/run-pass.ts': "how long the person waits, while the operator's clock stands still",
    },
  },
  {
    pattern: /\bMath\.random\b/,
    why: 'chance comes from a Random (@setpoint/apimachinery/clock)',
    except: { 'packages/apimachinery/src/clock/': 'this is where chance comes in' },
  },
  {
    pattern: /\brandom(Bytes|UUID|Int)\b|\bgetRandomValues\b/,
    why: 'chance comes from a Random (@setpoint/apimachinery/clock)',
    except: {
      'packages/apimachinery/src/certificates/': 'key material must not follow from a seed',
      'packages/setpoint/src/manager/leader-election/identity.ts':
        'two managers of one seed must not take each other for themselves',
    },
  },
  {
    pattern: /\bconsole\./,
    why: 'a library says things through the Log it is given, the command through its output',
    except: {},
  },
  {
    pattern: /\bprocess\.exit\b/,
    why: 'only what was started as a program ends it',
    except: {
      'packages/setpoint/src/manager/main.ts': 'operator().main() is the program',
      'packages/cli/src/stop.ts': 'the second Ctrl-C ends the command at once',
    },
  },
];

function complaintsOf(file: string, text: string): string[] {
  const applicable = rules.filter(({ except }) => !Object.keys(except).some((place) => file.startsWith(place)));
  return text.split('\n').flatMap((line, i) => {
    if (/^\s*(\/\/|\/?\*)/.test(line)) return [];
    return applicable.flatMap(({ pattern, why }) => {
      const found = pattern.exec(line);
      return found ? [`${file}:${i + 1}: ${found[0]}: ${why}`] : [];
    });
  });
}

runSourceCheck(
  {
    unit: 'published modules',
    files: globSync('packages/*/src/**/*.ts').filter((file) => !/\.test\.ts$|\/generated\//.test(file)),
    atLeast: 300,
    complaintsOf,
    planted: [
      ['packages/setpoint/src/client/x.ts', 'setTimeout(() => {}, 10);'],
      ['packages/setpoint/src/client/x.ts', 'const handle = setInterval(poll, 10);'],
      ['packages/setpoint/src/client/x.ts', 'const now = Date.now();'],
      ['packages/setpoint/src/client/x.ts', 'const now = performance.now();'],
      ['packages/setpoint/src/client/x.ts', 'const now = new Date().toISOString();'],
      ['packages/setpoint/src/client/x.ts', "import { setTimeout } from 'node:timers/promises';"],
      ['packages/setpoint/src/client/x.ts', 'await get(AbortSignal.timeout(10));'],
      ['packages/controlplane/src/verbs/x.ts', 'const chance = Math.random();'],
      ['packages/controlplane/src/verbs/x.ts', 'const uid = crypto.randomUUID();'],
      ['packages/cli/src/commands/x.ts', "console.log('x');"],
      ['packages/cli/src/commands/x.ts', 'process.exit(1);'],
    ],
    allowed: [
      ['packages/controlplane/src/http/x.ts', 'server.setTimeout(0);'],
      ['packages/controlplane/src/http/x.ts', '// Date.now() is not asked here.'],
      ['packages/controlplane/src/http/x.ts', 'const at = new Date(clock.now());'],
    ],
  },
  (file) => readFileSync(file, 'utf8'),
);
