/** Test servers that answer otherwise than the online server: all kinds at a time, copied by one tcpcopy. */
import { expect, test } from '@jest/globals';
import { startLab, type Lab } from '../../lab/library';
import dataLink from '../../topologies/data-link';
import traditional from '../../topologies/traditional';
import { problemsOf, type Played } from './otherwise/judge';
import { kinds, kindsNamed, repeated } from './otherwise/kinds';
import { Stage } from './otherwise/stage';

/** One of each row: how responses are caught makes no difference to the others. */
const some = kindsNamed(
  'answers in 3 bytes',
  'answers, answers shorter, or does not',
  'answers in two pieces, 40 ms apart',
  'only acknowledges',
  'does not greet, where the online server does',
  'closes with the 20th answer',
  'closes behind the 10th answer, reads on, and throws away what it reads',
  'closes instead of its 10th answer',
  'refuses connections for a while',
  'resets connections for a while',
  'answers in 3 bytes clients that close then',
  'is reached by 95 % of the packets',
);

describe.each([
  ['traditional', traditional, kinds],
  ['data-link', dataLink, some],
] as const)('%s: a test server that', (architecture, topology, played) => {
  const name = `e2e-otherwise-${architecture}`;
  let lab: Lab;
  let stage: Stage;
  let records: Played;
  beforeAll(async () => {
    lab = await startLab(topology, { name, bare: true });
    stage = await Stage.open(lab, [...played, repeated]);
    await stage.copy(played);
    records = await stage.play(played);
  });
  afterAll(() => lab.down());

  test.each(played)('$does is copied exactly', (kind) => {
    expect(problemsOf(kind, records)).toEqual([]);
  });

  if (architecture === 'data-link') return;

  test('carries out twice what tcpcopy says again in spite of doubt, and that is seen', async () => {
    await stage.copy([repeated], '--repeat-doubtful');
    const again = await stage.play([repeated], 1000);
    expect(problemsOf(repeated, again)).toContainEqual(expect.stringMatching(/carried out twice/));
  });
});
