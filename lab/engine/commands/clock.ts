/** How a node's clock stands to this machine's, by questions and answers. */
import { createInterface } from 'node:readline';
import { clockBetween, type ClockReading, type Passage } from '../../clocks/clock-between';
import { LabError } from '../docker/errors';
import type { LabNode } from './lab';

/** The quickest of so many counts. */
const QUESTIONS = 12;
/** What is asked is a line. */
const ANSWER = 'while read -r line; do date +%s.%N; done';

const [HERE, THERE] = ['here', 'there'] as const;

/** @throws LabError `COMMAND_CUT_OFF` when the node answers no more */
export async function clockOf(node: LabNode): Promise<ClockReading> {
  const { stdin, stdout, ended } = await node.converse(['sh', '-c', ANSWER]);
  const answers = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const passages: Passage[] = [];
  for (let number = 0; number < QUESTIONS; number += 1) {
    const asked = now();
    stdin.write('\n');
    const answer = await answers.next();
    const heard = now();
    const there = Number(answer.value);
    if (answer.done === true || Number.isNaN(there))
      throw new LabError('COMMAND_CUT_OFF', `${node.name} does not say what time it is.`);
    passages.push({ from: HERE, to: THERE, left: asked, came: there });
    passages.push({ from: THERE, to: HERE, left: there, came: heard });
  }
  stdin.end();
  await ended;
  return clockBetween(passages, HERE, THERE)!;
}

/** Finer than Date.now(), by the same clock but for what it was set since the program began. */
const now = (): number => (performance.timeOrigin + performance.now()) / 1000;
