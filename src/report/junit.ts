/**
 * Cases as JUnit XML, in the form that Jenkins, GitLab and GitHub's reporters read: `testsuites` of `testsuite` of
 * `testcase`, times in seconds (github.com/testmoapp/junitxml describes it; there is no standard).
 */
import { suitesOf, type CaseReport } from './case';
import { escapedMarkup } from './markup';

export function casesAsJunit(cases: readonly CaseReport[]): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="tcpcopy-lab" ${totals(cases)}>`,
    ...suitesOf(cases).flatMap(({ suite, cases: own }) => [
      `  <testsuite name="${escaped(suite)}" ${totals(own)}>`,
      ...own.flatMap(testCase),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
}

const totals = (cases: readonly CaseReport[]): string => {
  const failures = cases.filter(({ verdict }) => verdict === 'fail').length;
  const time_ms = cases.reduce((sum, { duration_ms = 0 }) => sum + duration_ms, 0);
  return `tests="${cases.length}" failures="${failures}" errors="0" time="${seconds(time_ms)}"`;
};

function testCase({ suite, name, verdict, duration_ms = 0, reasons, figures, repeat }: CaseReport): string[] {
  const properties: [string, string | number][] = [
    ...Object.entries(figures),
    ...(repeat === undefined ? [] : ([['repeat', repeat]] satisfies [string, string][])),
  ];
  return [
    `    <testcase classname="${escaped(suite)}" name="${escaped(name)}" time="${seconds(duration_ms)}">`,
    '      <properties>',
    ...properties.map(
      ([key, value]) => `        <property name="${escaped(key)}" value="${escaped(String(value))}"/>`,
    ),
    '      </properties>',
    ...(verdict === 'pass'
      ? []
      : [
          `      <failure message="${escaped(reasons[0] ?? 'it failed')}">${escaped(reasons.join('\n'))}</failure>`,
        ]),
    '    </testcase>',
  ];
}

const seconds = (time_ms: number): string => (time_ms / 1000).toFixed(3);

/** What XML 1.0 has no place for (section 2.2), not even as a reference. */
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

const escaped = (text: string): string =>
  escapedMarkup(text.replace(FORBIDDEN, '\ufffd')).replaceAll('\n', '&#10;');
