/** Plays so many worlds from a seed on, and ends at the first that fails: `tsx test/sim/soak.ts <first seed> <worlds>`. */
import { describeFailure } from './world/failure';
import { play } from './world/play';

const PROGRESS_EVERY_MS = 10_000;
const print = (line: string): void => void process.stdout.write(`${line}\n`);

const [first, worlds] = process.argv.slice(2).map(Number);
if (!Number.isInteger(first) || !Number.isInteger(worlds)) {
  print('usage: tsx test/sim/soak.ts <first seed> <worlds>');
  process.exit(2);
}
const begun_ms = performance.now();
let told_ms = begun_ms;
for (let played = 1; played <= worlds!; played += 1) {
  const seed = first! + played - 1;
  const report = play(seed);
  if (report.violations.length > 0) {
    print(describeFailure(report));
    process.exit(1);
  }
  const now_ms = performance.now();
  if (now_ms - told_ms < PROGRESS_EVERY_MS && played < worlds!) continue;
  told_ms = now_ms;
  const rate = Math.round((played * 1000) / (now_ms - begun_ms));
  print(`${played} worlds held, ${rate} a second; the last seed was ${seed}`);
}
