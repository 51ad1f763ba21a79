import { bashCompletion, fishCompletion, zshCompletion } from '../../../packaging/pages/completions';
import { manPage } from '../../../packaging/pages/man-page';
import { valueKind } from '../../../packaging/pages/program';
import { programTables } from '../../../packaging/pages/programs';
import { spawnSync } from 'node:child_process';

const EDITION = { version: '1.2.3', date: '2026-11-30' };

/** Behind a shell's words the option may stand in any way. */
const bash = (script: string): string => {
  const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout;
};

describe.each(programTables.map((program) => [program.name, program] as const))('%s', (name, program) => {
  test('has a manual page with each of its options, and what each does', () => {
    const page = manPage(program, EDITION);
    expect(page).toMatch(new RegExp(`^\\.TH ${name.toUpperCase()} 8 2026-11-30 "tcpcopy-lab 1\\.2\\.3"`));
    for (const { long } of program.specs)
      expect(page).toContain(`\\fB\\-\\-${long.replaceAll('-', '\\-')}\\fR`);
  });

  test('has its further words, with all their options, in its manual page and in what shells complete', () => {
    const page = manPage(program, EDITION);
    for (const { word, specs } of program.words) {
      expect(page).toContain(`.SH ${word.toUpperCase()}`);
      expect(page).toContain(`.B ${name} ${word}`);
      for (const { long } of specs)
        for (const text of [
          page.replaceAll('\\-', '-'),
          bashCompletion(program),
          zshCompletion(program),
          fishCompletion(program),
        ])
          expect(text).toContain(long);
    }
  });

  test('has no line in its manual page that is a request by accident', () => {
    const requests = manPage(program, EDITION).match(/^[.'].*$/gm)!;
    expect(requests.filter((line) => !/^\.(TH|SH|SS|TP|PP|B|BR|RI|br|RS|RE|EX|EE)\b/.test(line))).toEqual([]);
  });

  test('has its options completed by bash, and values where they can be known', () => {
    const complete = (...words: string[]): string[] =>
      bash(
        `${bashCompletion(program)}\nCOMP_WORDS=(${name} ${words.join(' ')}); COMP_CWORD=${words.length}; _${name}; printf '%s\\n' "\${COMPREPLY[@]}"`,
      )
        .trim()
        .split('\n');
    expect(complete('--con')).toContain('--config');
    expect(complete('--io', "''")).toEqual(['packages', 'ring', 'auto']);
    expect(complete('-x', "''")).toEqual(['']);
    expect(complete('-i', 'l')).toContain('lo');
    expect(complete('doc')).toEqual(['doctor']);
  });

  test('has each of its options in the completions of zsh and fish', () => {
    const [zsh, fish] = [zshCompletion(program), fishCompletion(program)];
    for (const { long } of program.specs) {
      expect(zsh).toContain(`--${long}`);
      expect(fish).toContain(` -l ${long} `);
    }
  });
});

test.each([
  ['file', { kind: 'file' }],
  ['device,…', { kind: 'device' }],
  ['leave-out|wait', { kind: 'choice', words: ['leave-out', 'wait'] }],
  ['ip,…|a.b.c.x', { kind: 'other' }],
  ['1-100', { kind: 'other' }],
])('a value that is named %s is completed as such', (value, kind) => {
  expect(valueKind(value)).toEqual(kind);
});
