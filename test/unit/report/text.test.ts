import { reportAsText } from '../../../lab/report/text';
import type { Evidence } from '../../../lab/verify/evidence/evidence';
import { judge } from '../../../lab/verify/judge';
import { arpRequest, tcp } from '../verify/world/frames';
import { evidenceOf, healthyLab } from '../verify/world/lab';
import { CLIENT, dualScene, TEST } from '../verify/world/scene';
import { withRules } from '../verify/world/state';

const lab = healthyLab('http', 7, 40);
const evidence = evidenceOf(lab);
const linesOf = (given: Evidence): string[] => reportAsText(judge(given)).split('\n');

test('a healthy lab is PASS, with the figures that it rests on', () => {
  expect(linesOf(evidence)).toEqual([
    'PASS  every request arrived once, byte for byte, and nothing leaked',
    '',
    '  requests    40 sent, 40 at online, 40 at test',
    '  deviations  0 missing, 0 duplicated, 0 altered, 0 out of order',
    '  leaks       0 frames',
    '  controls    6 of 6 taps saw both marks (client, client-2, online, test, test elsewhere, bridge lan)',
    "  passlist    1 answer to the online server's own requests",
    `  load        ${lab.online.length} connections in 2.4 s, 0.4 ms median, 2.1 ms 99 %`,
    '  repeat      lab verify --seed 7 --requests 40',
  ]);
});

test('where IPv6 is copied, it is told what came over which family', () => {
  const dual = healthyLab('http', 7, 40, dualScene);
  const lines = linesOf(evidenceOf(dual));
  expect(lines[0]).toBe('PASS  every request arrived once, byte for byte, and nothing leaked');
  const told = lines.flatMap(
    (line) =>
      /IPv([46]): (\d+) requests at online, (\d+) at test, 0 frames leaked$/.exec(line)?.slice(1) ?? [],
  );
  const [four, online4, test4, six, online6, test6] = told.map(Number);
  expect([four, six]).toEqual([4, 6]);
  expect([test4, test6]).toEqual([online4, online6]);
  expect(online4! + online6!).toBe(40);
  expect(Math.min(online4!, online6!)).toBeGreaterThan(0);
});

test('a failure is FAIL, with each reason and its mend', () => {
  const [first, , ...rest] = linesOf({ ...evidence, state: { before: withRules(), after: withRules() } });
  expect(first).toBe('FAIL  for one reason');
  expect(rest.slice(-3)).toEqual([
    '',
    '  guard-rule-missing: There is no NFQUEUE rule for port 8080 on test: its responses are not caught.',
    '    mend: on test: iptables -I OUTPUT -p tcp --sport 8080 -j NFQUEUE',
  ]);
});

test('several reasons are counted, in the order in which they explain one another', () => {
  const lines = linesOf(evidenceOf({ ...lab, test: [], leaked: [tcp(TEST, CLIENT)] }));
  expect(lines[0]).toBe('FAIL  for 2 reasons');
  const reasons = lines.flatMap((line) => /^ {2}([a-z-]+): /.exec(line)?.[1] ?? []);
  expect(reasons).toEqual(['leak', 'requests-missing']);
  expect(lines).toContain('  requests    40 sent, 40 at online, 0 at test');
});

test('what nobody sent is counted beside the deviations', () => {
  const [first, ...others] = lab.test;
  const stranger = Buffer.from('GET / HTTP/1.1\r\n\r\n');
  const lines = linesOf(
    evidenceOf({ ...lab, test: [{ ...first!, requests: [...first!.requests, stranger] }, ...others] }),
  );
  expect(lines).toContain('  deviations  0 missing, 0 duplicated, 0 altered, 0 out of order, 1 unexpected');
});

test('what is in doubt is told, and named, and fails nothing', () => {
  const [first, ...others] = lab.test;
  const given = evidenceOf({ ...lab, test: [{ ...first!, requests: first!.requests.slice(1) }, ...others] });
  const counters = { ...given.counters, tcpcopy: { before: {}, after: { requests_doubtful: 1 } } };
  const lines = linesOf({ ...given, counters });
  expect(lines[0]).toBe(
    'PASS  every request that is not in doubt arrived once, byte for byte, and nothing leaked',
  );
  expect(lines).toContain('  deviations  0 missing, 0 duplicated, 0 altered, 0 out of order, 1 in doubt');
  expect(lines).toContainEqual(expect.stringMatching(/^ {2}requests-doubtful: 1 request is in doubt/));
});

test('the first leaked frames are shown with their time and the tap that saw them', () => {
  const leaked = Array.from({ length: 9 }, (_, index) => tcp(TEST, CLIENT, { sequence: index }));
  const lines = linesOf(evidenceOf({ ...lab, leaked }));
  expect(lines).toContain('  leaks       9 frames');
  const at = lines.indexOf('  The first frames that leaked:');
  expect(lines.slice(at + 1)).toHaveLength(5);
  expect(lines[at + 1]).toMatch(
    /^ {4}\d\d:\d\d:\d\d\.\d{3} {2}client: IP 198\.18\.10\.30:8080 > 198\.18\.10\.10:40000: Flags \[P\.\], seq 0/,
  );
});

test('ARP requests of the test server are a note, and no failure', () => {
  const lines = linesOf(evidenceOf({ ...lab, leaked: [arpRequest('198.18.10.30', '198.18.10.10')] }));
  expect(lines[0]).toMatch(/^PASS/);
  expect(lines).toContain(
    '  leaks       0 frames (and 1 exposure: frames that show the copy, and carry nothing of it)',
  );
});

test('a tap that did not see its marks is counted out', () => {
  const taps = evidence.taps.map((tap) =>
    tap.name === 'online' ? { ...tap, capture: new Uint8Array(0) } : tap,
  );
  expect(linesOf({ ...evidence, taps })).toContainEqual(
    expect.stringContaining('5 of 6 taps saw both marks'),
  );
});
