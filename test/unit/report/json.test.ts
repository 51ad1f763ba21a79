import { reportAsJson } from '../../../lab/report/json';
import { judge } from '../../../lab/verify/judge';
import { tcp } from '../verify/world/frames';
import { evidenceOf, healthyLab } from '../verify/world/lab';
import { CLIENT, TEST } from '../verify/world/scene';

const lab = healthyLab('http', 7, 40);
const evidence = evidenceOf(lab);
/** What a program would read. */
const read = (given: typeof evidence) =>
  JSON.parse(JSON.stringify(reportAsJson(judge(given)))) as Record<string, unknown>;

test('a report has the keys that programs rely on', () => {
  expect(read(evidence)).toMatchObject({
    verdict: 'pass',
    reasons: [],
    notes: [],
    requests: { sent: 40, online: 40, test: 40, missing: 0, doubtful: 0, duplicated: 0, altered: 0 },
    leaks: { frames: 0, first: [] },
    controls: [
      { tap: 'client', seen: true },
      { tap: 'client-2', seen: true },
      { tap: 'online', seen: true },
      { tap: 'test', seen: true },
      { tap: 'test elsewhere', seen: true },
      { tap: 'bridge lan', seen: true },
    ],
    counters: { tcpcopy: { sent: 60 }, intercept: { replies: 60 } },
  });
});

test('a report says what was verified, and how to do it again', () => {
  expect(read(evidence)).toMatchObject({
    seed: 7,
    run: 'abcd1234',
    protocol: 'http',
    copy: { from: '198.18.10.20:80', to: '198.18.10.30:8080' },
    load: { connections: lab.online.length, directAnswers: 1 },
  });
});

test('a failure has its reasons with their codes, and the first leaked frames', () => {
  const broken = { ...lab, test: lab.test.slice(1), leaked: [tcp(TEST, CLIENT)] };
  expect(read(evidenceOf(broken))).toMatchObject({
    verdict: 'fail',
    reasons: [
      { code: 'leak', message: expect.any(String) },
      { code: 'requests-missing', message: expect.any(String) },
    ],
    requests: { missing: lab.test[0]!.requests.length },
    examples: { missing: expect.arrayContaining(['lab/abcd1234/0-0']) },
    leaks: {
      frames: 1,
      byTap: { client: 1, 'client-2': 0, online: 0, test: 1, 'bridge lan': 1 },
      first: [
        {
          kind: 'tcp',
          tap: 'client',
          to: '198.18.10.10',
          time: expect.any(Number),
          text: expect.stringContaining('198.18.10.30:8080 > 198.18.10.10:40000'),
        },
      ],
    },
  });
});

test('counters of a program that gave none are null', () => {
  const counters = { ...evidence.counters, tcpcopy: { before: { sent: 1 }, after: undefined } };
  expect(read({ ...evidence, counters })).toMatchObject({
    counters: { tcpcopy: null, intercept: { replies: 60 } },
  });
});
