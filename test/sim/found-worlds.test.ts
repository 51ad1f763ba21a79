/** Worlds that went wrong once, for a reason that others seldom have. */
import { busyPlan } from './world/busy';
import { describeFailure } from './world/failure';
import { play, playPlan } from './world/play';

const found: readonly (readonly [string, readonly number[]])[] = [
  [
    'a request in several writes, whose answer is a little shorter and ends with a FIN, is one that was answered',
    [501_426, 502_376, 508_564],
  ],
  [
    'it is so where answers of other requests are longer, or come in several writes',
    [1087, 500_534, 504_201],
  ],
  ['what a client said behind a hole is not taken for heard because its next connection waits', [505_656]],
  ['last words that crossed the FIN of a test server that throws them away are in doubt', [509_311]],
  [
    'what a client said before its reset, and was captured behind it, is heard though the test server refused',
    [523_587],
  ],
  ['words that a half-closed test server took before it broke off are in doubt', [510_474]],
  [
    'a test server that is gone once all was acknowledged is given up when nothing came for long',
    [508_416, 509_112],
  ],
  ['a copy that was joined with the tail of a request, told before its beginning, ends', [911_865]],
];

test('a copy that made room for another one goes on when that is given up', () => {
  expect(play(703_853).violations).toEqual([]);
});

test('a client that pipelines stands behind all that it said when it acknowledges, and is joined behind a silence', () => {
  expect(playPlan(busyPlan(720_732)).violations).toEqual([]);
});

test.each(found)('%s', (_, seeds) => {
  for (const seed of seeds) {
    const report = play(seed);
    if (report.violations.length > 0) throw new Error(describeFailure(report));
  }
});
