import { doubtfulInLog, unnamedIn } from '../../../../lab/verify/evidence/doubt';
import { BehindLog } from '../../../../src/tcpcopy/copying/behind-log';

/** As the programs write it. */
function logOf(work: (log: BehindLog) => void): string {
  const lines: string[] = [];
  const write = (event: string, fields: object = {}): void => {
    lines.push(JSON.stringify({ time: '2026-01-01T00:00:00.000Z', program: 'tcpcopy', event, ...fields }));
  };
  work(new BehindLog({ info: write, warning: write, error: write }));
  return lines.join('\n');
}

const said = {
  clientAddress: 0xc612_0a0a,
  clientPort: 40_000,
  count: 2,
  sequence: 4_294_967_290,
  bytes: 300,
};

test('what tcpcopy logs of requests in doubt is read, and nothing else', () => {
  const log = logOf((behind) => {
    behind.late(20_000);
    behind.doubtful(said);
    behind.late(0);
    behind.doubtful({ ...said, count: 1 });
  });
  const one = { client: '198.18.10.10:40000', count: 2, sequence: 4_294_967_290, bytes: 300 };
  expect(doubtfulInLog(log)).toEqual([one, { ...one, count: 1 }]);
  expect(doubtfulInLog(log.slice(0, -1))).toEqual([one]);
});

test('what the log does not name is known by the counter', () => {
  const log = logOf((behind) => {
    for (let index = 0; index < 1500; index += 1) behind.doubtful(said);
  });
  const words = doubtfulInLog(log);
  expect(words.length).toBeLessThan(1500);
  expect(unnamedIn({ words, told: 3000 })).toBe(3000 - 2 * words.length);
  expect(unnamedIn({ words, told: 0 })).toBe(0);
});
