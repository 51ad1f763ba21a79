/** A program's manual page, as man(7) has it. */
import type { OptionSpec } from '../../src/process/options';
import { helpOf, type ProgramTables, type ProgramWord } from './program';

export interface Edition {
  readonly version: string;
  /** ISO 8601, the day. */
  readonly date: string;
}

/** For those who administer a machine. */
export const SECTION = 8;

export function manPage(
  { name, synopsis, specs, examples, doctor, words }: ProgramTables,
  edition: Edition,
): string {
  const [first = '', ...description] = synopsis.split('\n\n');
  const [, what = ''] = /^\w+: (.*?)\.?$/s.exec(first) ?? [];
  const groups = [...new Set(specs.map(({ group }) => group))];
  return [
    `.TH ${name.toUpperCase()} ${SECTION} ${edition.date} "tcpcopy-lab ${edition.version}" "System administration"`,
    '.SH NAME',
    `${name} \\- ${plain(what)}`,
    '.SH SYNOPSIS',
    `.B ${name}`,
    '.RI [ option .\\|.\\|. ]',
    '.br',
    `.B ${name} doctor`,
    '.RI [ option .\\|.\\|. ]',
    ...words.flatMap(({ word }) => ['.br', `.B ${name} ${word}`, '.RI [ option .\\|.\\|. ]']),
    ...(description.length > 0 ? ['.SH DESCRIPTION', ...description.flatMap(paragraph)] : []),
    '.SH OPTIONS',
    ...groups.flatMap((group) => [
      `.SS ${plain(group)}`,
      ...specs.filter((spec) => spec.group === group).flatMap(entry),
    ]),
    '.SH DOCTOR',
    plain(
      `With the word doctor before them the same options are judged by what this machine shows: it says why a copy does not work, and what mends it. Nothing is changed.`,
    ),
    ...doctor.specs.flatMap(entry),
    ...words.flatMap(wordSection),
    '.SH CONFIGURATION',
    plain(
      'A file that is named by --config has an option on each line, by its long name: name = value, or name alone for a switch. Lines that begin with # are comments. What the command line gives wins.',
    ),
    '.SH SIGNALS',
    ...terms([
      ['SIGTERM, SIGINT', 'The program ends in order; a second one ends it at once.'],
      ['SIGUSR1', 'The counters are written to the log.'],
    ]),
    '.SH EXIT STATUS',
    ...terms([
      ['0', 'It ended in order.'],
      ['1', 'It could not work, and said why.'],
      ['2', 'It was called wrongly.'],
    ]),
    '.SH FILES',
    ...terms([
      [`/etc/tcpcopy/${name}.conf`, `What ${name}.service reads.`],
      ['/etc/tcpcopy/NAME.conf', `What ${name}@NAME.service reads.`],
    ]),
    '.SH EXAMPLES',
    ...verbatim([...examples, ...doctor.examples, ...words.flatMap((word) => word.examples)]),
    '.SH SEE ALSO',
    `.BR ${name === 'tcpcopy' ? 'intercept' : 'tcpcopy'} (${SECTION}),`,
    '.BR iptables (8),',
    '.BR systemd.unit (5)',
    '',
  ].join('\n');
}

function wordSection({ word, synopsis, specs }: ProgramWord): string[] {
  const [first = '', ...description] = synopsis.split('\n\n');
  const [, what = ''] = /^[\w ]+: (.*)$/s.exec(first) ?? [];
  return [
    `.SH ${word.toUpperCase()}`,
    plain(`With the word ${word} before them: ${what}`),
    ...description.flatMap(paragraph),
    ...specs.flatMap(entry),
  ];
}

function entry(spec: OptionSpec): string[] {
  const names = [spec.short && `-${spec.short}`, `--${spec.long}`]
    .flatMap((one) => (one === undefined ? [] : [`\\fB${escaped(one)}\\fR`]))
    .join(', ');
  const value = spec.value === undefined ? '' : ` \\fI${escaped(spec.value)}\\fR`;
  return ['.TP', names + value, plain(helpOf(spec))];
}

const terms = (rows: readonly (readonly [string, string])[]): string[] =>
  rows.flatMap(([term, text]) => ['.TP', `.B ${escaped(term)}`, plain(text)]);

/** Lines that are set in by two spaces stay as they are; all others flow. */
function paragraph(text: string): string[] {
  const out = ['.PP'];
  const lines = text.split('\n');
  for (let at = 0; at < lines.length;) {
    const isSetIn = lines[at]!.startsWith('  ');
    const end = lines.findIndex((line, index) => index > at && line.startsWith('  ') !== isSetIn);
    const run = lines.slice(at, end < 0 ? undefined : end);
    out.push(...(isSetIn ? verbatim(run.map((line) => line.slice(2))) : run.map(plain)));
    at += run.length;
  }
  return out;
}

const verbatim = (lines: readonly string[]): string[] => ['.RS', '.EX', ...lines.map(plain), '.EE', '.RE'];

/** A line of text, which is never taken for a request. */
const plain = (text: string): string => escaped(text).replace(/^(?=[.'])/, '\\&');

/** groff_char(7) */
const escaped = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replace(
      /[^\x20-\x7e]/gu,
      (character) => `\\[u${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`,
    );
