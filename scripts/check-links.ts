// Checks that the links of the documentation lead to files that are there, and to headings that are in them, and that the
// tests that it names as proofs, `file` “name of the test”, are there, too.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { runSourceCheck } from './lib/findings.ts';

const link = /\[[^\]]*\]\(([^)\s]+)\)/g;
const proof = /`([\w./-]+\.(?:test|real|long)\.ts)`((?:,? “[^”]+”)+)/g;
/** Where files of tests are looked for that are not named from the root. */
const testsOf = 'packages/setpoint/src';

function complaintsOf(file: string, text: string): string[] {
  return [...linksIn(file, text), ...pagesIn(file, text), ...proofsIn(file, text)];
}

/** What the site's menus and its first page lead to. The API documentation is of another tool. */
function pagesIn(file: string, text: string): string[] {
  if (!file.startsWith('docs/')) return [];
  return [...text.matchAll(/^ *(?:- )?(?:\{ .*)?\blink: '?\/([\w./-]+)/gm)].flatMap(([, page = '']) =>
    page.startsWith('api/') || existsSync(`docs/${page}.md`) ? [] : [`${file}: leads to /${page}, which is not there`],
  );
}

function proofsIn(file: string, text: string): string[] {
  return [...text.matchAll(proof)].flatMap(([, path = '', titles = '']) => {
    const place = path.startsWith('packages/') ? path : join(testsOf, path);
    if (!existsSync(place)) return [`${file}: names the tests of ${path}, which is not there`];
    const tests = readFileSync(place, 'utf8');
    const isThere = (title: string) => ["'", '"', '`'].some((quote) => tests.includes(quote + title + quote));
    return [...titles.matchAll(/“([^”]+)”/g)].flatMap(([, title = '']) =>
      isThere(title) ? [] : [`${file}: names the test “${title}”, and there is none in ${path}`],
    );
  });
}

function linksIn(file: string, text: string): string[] {
  return [...withoutCode(text).matchAll(link)].flatMap(([, target = '']) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [path = '', heading] = target.split('#');
    const place = path === '' ? file : normalize(join(dirname(file), path));
    if (!existsSync(place)) return [`${file}: links to ${target}, which is not there`];
    if (heading === undefined) return [];
    const page = path === '' ? text : readFileSync(place, 'utf8');
    return headingsOf(page).includes(heading) ? [] : [`${file}: links to ${target}, and there is no such heading`];
  });
}

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
}

/** The anchors that the headings of a page get. */
function headingsOf(page: string): string[] {
  return [...page.matchAll(/^#+ +(.*)$/gm)].map(([, heading = '']) =>
    heading
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

runSourceCheck(
  {
    unit: 'pages',
    files: execFileSync(
      'git',
      ['ls-files', '--cached', '--others', '--exclude-standard', '*.md', 'docs/.vitepress/config.ts'],
      { encoding: 'utf8' },
    )
      .split('\n')
      .filter((file) => file !== '' && existsSync(file)),
    atLeast: 4,
    complaintsOf,
    planted: [
      ['README.md', 'See [the moon](docs/moon.md).'],
      ['docs/x.md', 'See [the licence](LICENSE).'],
      ['README.md', '# Setpoint\n\nSee [below](#below).'],
      ['docs/index.md', 'features:\n  - title: Moon\n    link: /moon'],
      ['docs/.vitepress/config.ts', "items: [\n  { text: 'Moon', link: '/moon' },"],
      ['docs/x.md', 'As `queue/moon.test.ts` “rises” says.'],
      ['docs/x.md', 'As `queue/backoff.test.ts` “is forgotten on success”, “is eaten on success” says.'],
    ],
    allowed: [
      ['docs/x.md', 'See [the licence](../LICENSE), [elsewhere](https://example.com/x) and `[a](b)`.'],
      ['docs/x.md', 'As `queue/backoff.test.ts` “is forgotten on success” says, and `x.test.ts`.'],
      [
        'docs/.vitepress/config.ts',
        "  { text: 'Semantics', link: '/semantics' },\n{ text: 'API', link: '/api/index.html' }",
      ],
      ['README.md', "# What's a `kind`?\n\nSee [above](#whats-a-kind)."],
    ],
  },
  (file) => readFileSync(file, 'utf8'),
);
