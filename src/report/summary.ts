/** Cases as Markdown, for the page that a CI server shows of a job (GitHub's step summary, a comment on a merge request). */
import { suitesOf, type CaseReport } from './case';

/** @param title of the section, for example the command */
export function casesAsMarkdown(title: string, cases: readonly CaseReport[]): string {
  const failed = cases.filter(({ verdict }) => verdict === 'fail');
  return [
    `## ${failed.length === 0 ? '✅' : '❌'} ${cell(title)}`,
    '',
    `${cases.length - failed.length} of ${cases.length} passed.`,
    ...suitesOf(cases).flatMap(({ suite, cases: own }) => tableOf(suite, own)),
    ...failed.flatMap(detail),
    '',
    '',
  ].join('\n');
}

function tableOf(suite: string, own: readonly CaseReport[]): string[] {
  const columns = Object.keys(own[0]!.figures);
  return [
    '',
    row(['', suite, ...columns]),
    row(['---', '---', ...columns.map(() => '---:')]),
    ...own.map(({ verdict, name, figures }) =>
      row([
        verdict === 'pass' ? '✅' : '❌',
        name,
        ...columns.map((column) => String(figures[column] ?? '')),
      ]),
    ),
  ];
}

/** A fence that what it holds cannot end. */
function detail({ name, reasons, repeat }: CaseReport): string[] {
  const text = reasons.join('\n');
  const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  return [
    '',
    `**${cell(name)}**${repeat === undefined ? '' : `, again with \`${repeat}\``}`,
    '',
    fence,
    text,
    fence,
  ];
}

const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

const cell = (text: string): string =>
  text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replace(/\s+/g, ' ');
