// Checks that the links of the documentation lead to files that are there, and to headings that are in them.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { runSourceCheck } from './lib/findings.ts';

const link = /\[[^\]]*\]\(([^)\s]+)\)/g;

function complaintsOf(file: string, text: string): string[] {
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
    files: execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], { encoding: 'utf8' })
      .split('\n')
      .filter((file) => file !== '' && existsSync(file)),
    atLeast: 4,
    complaintsOf,
    planted: [
      ['README.md', 'See [the moon](docs/moon.md).'],
      ['docs/x.md', 'See [the licence](LICENSE).'],
      ['README.md', '# Setpoint\n\nSee [below](#below).'],
    ],
    allowed: [
      ['docs/x.md', 'See [the licence](../LICENSE), [elsewhere](https://example.com/x) and `[a](b)`.'],
      ['README.md', "# What's a `kind`?\n\nSee [above](#whats-a-kind)."],
    ],
  },
  (file) => readFileSync(file, 'utf8'),
);
