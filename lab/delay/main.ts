/**
 * `lab-delay`: holds the packets of an NFQUEUE for a time. It tells by the line `holds` that they wait for it, and goes on until it is
 * ended; what waits then, and what comes to the queue afterwards, the kernel drops.
 */
import { writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openKernel } from '../../src/kernel/kernel';
import { QUEUE_BATCH, QueueSocket } from '../../src/verdict/queue-socket';
import { randomFrom } from '../load/requests/random';
import { DelayLine } from './delay-line';
import { Waiter } from './waiter';

/** As many as netem is given (lab-link). */
const LENGTH = 100_000;
const STDOUT = 1;
const EXIT_USAGE = 2;

function hold(): never {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { queue: text, 'delay-ms': text, reorder: text, seed: text } });
  const [number, delay_ms] = [numberOf('queue', values.queue), numberOf('delay-ms', values['delay-ms'])];
  const random = randomFrom(numberOf('seed', values.seed ?? '1'));
  const overtaking = numberOf('reorder', values.reorder ?? '0') / 100;
  const line = new DelayLine({ delay_ms, overtaking, chance: () => random.fraction() });
  const kernel = openKernel();
  const queue = new QueueSocket(kernel, { number, length: LENGTH, copied_bytes: 0 }, (packet) => {
    if (line.enter(packet, performance.now()) === 'goes') queue.judge(packet, 'accept');
  });
  const waiter = new Waiter(kernel, queue.descriptor);
  writeSync(STDOUT, 'holds\n');
  for (;;) {
    // Node's own event loop would be late by a millisecond.
    waiter.wait(line.next_ms === undefined ? undefined : line.next_ms - performance.now());
    while (queue.receive() === QUEUE_BATCH);
    const last = line.leave(performance.now());
    if (last !== undefined) queue.judgeUpTo(last, 'accept');
  }
}

function numberOf(option: string, value: string | undefined): number {
  if (!/^\d+(\.\d+)?$/.test(value ?? '')) throw new Error(`--${option} needs a number`);
  return Number(value);
}

try {
  hold();
} catch (error) {
  process.stderr.write(`lab-delay: ${(error as Error).message}\n`);
  process.exitCode = EXIT_USAGE;
}
