import type { CaseReport } from '../../../src/report/case';
import { caseOfVerification } from '../../../lab/report/case';
import { casesAsJunit } from '../../../src/report/junit';
import { casesAsMarkdown } from '../../../src/report/summary';
import { judge } from '../../../lab/verify/judge';
import { evidenceOf, healthyLab } from '../verify/world/lab';

const passed: CaseReport = {
  suite: 'traditional',
  name: 'online to test',
  verdict: 'pass',
  duration_ms: 4321,
  reasons: [],
  figures: { sent: 40, leaks: '0 frames' },
  repeat: 'lab verify --seed 7 --requests 40',
};
const failed: CaseReport = {
  ...passed,
  name: 'odd "<&>"',
  verdict: 'fail',
  duration_ms: 1000,
  reasons: ['leak: one | two <b>\u0000\ud800', 'mend: look ```here```'],
};

describe('JUnit', () => {
  test('has a test case for each copy, with its figures, and the command that repeats it', () => {
    expect(casesAsJunit([passed])).toBe(
      [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<testsuites name="tcpcopy-lab" tests="1" failures="0" errors="0" time="4.321">',
        '  <testsuite name="traditional" tests="1" failures="0" errors="0" time="4.321">',
        '    <testcase classname="traditional" name="online to test" time="4.321">',
        '      <properties>',
        '        <property name="sent" value="40"/>',
        '        <property name="leaks" value="0 frames"/>',
        '        <property name="repeat" value="lab verify --seed 7 --requests 40"/>',
        '      </properties>',
        '    </testcase>',
        '  </testsuite>',
        '</testsuites>',
        '',
      ].join('\n'),
    );
  });

  test('counts failures in all and for each suite, and gives the reasons', () => {
    const xml = casesAsJunit([passed, failed, { ...failed, suite: 'data-link' }]);
    expect(xml).toContain('<testsuites name="tcpcopy-lab" tests="3" failures="2" errors="0" time="6.321">');
    expect(xml).toContain('<testsuite name="traditional" tests="2" failures="1" errors="0" time="5.321">');
    expect(xml).toContain('<testsuite name="data-link" tests="1" failures="1" errors="0" time="1.000">');
    expect(xml).toContain('mend: look ```here```</failure>');
  });

  test('holds whatever was said as text that XML allows', () => {
    const xml = casesAsJunit([failed]);
    expect(xml).toContain('name="odd &quot;&lt;&amp;&gt;&quot;"');
    expect(xml).toContain('message="leak: one | two &lt;b&gt;\ufffd\ufffd"');
    expect(xml).not.toMatch(/[\u0000\ud800]/);
  });
});

describe('the summary', () => {
  test('says how many passed, in a table with the figures as columns', () => {
    expect(casesAsMarkdown('lab verify', [passed])).toBe(
      [
        '## ✅ lab verify',
        '',
        '1 of 1 passed.',
        '',
        '|  | traditional | sent | leaks |',
        '| --- | --- | ---: | ---: |',
        '| ✅ | online to test | 40 | 0 frames |',
        '',
        '',
      ].join('\n'),
    );
  });

  test('gives the reasons of what failed in a fence that they cannot end', () => {
    const lines = casesAsMarkdown('lab verify', [passed, failed]).split('\n');
    expect(lines[0]).toBe('## ❌ lab verify');
    expect(lines[2]).toBe('1 of 2 passed.');
    expect(lines.filter((line) => line === '````')).toHaveLength(2);
    expect(lines).toContain('mend: look ```here```');
    expect(lines).toContain('**odd "&lt;&>"**, again with `lab verify --seed 7 --requests 40`');
  });
});

test('a verification that failed is a case with its reasons and mends', () => {
  const lab = healthyLab('http', 7, 40);
  const report = caseOfVerification('mine', judge(evidenceOf({ ...lab, test: [] })), 5);
  expect(report).toMatchObject({ suite: 'mine', verdict: 'fail', figures: { sent: 40, 'at test': 0 } });
  expect(report.reasons[0]).toMatch(/^requests-missing: /);
});
