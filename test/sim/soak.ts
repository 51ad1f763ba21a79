/** Plays fresh worlds until one fails or somebody stops it: `npm run soak [-- <first seed>]`. */
import { describeFailure } from './world/failure';
import { play } from './world/play';

const PROGRESS_EVERY_MS = 10_000;
const print = (line: string): void => void process.stdout.write(`${line}\n`);

// Below 2^31, as the seeds of the tests; different on every day without an argument.
const first = Number(process.argv[2] ?? Date.now() % 0x7000_0000);
const begun_ms = performance.now();
let told_ms = begun_ms;
print(`worlds from seed ${first}; Ctrl-C ends it`);
for (let seed = first; ; seed += 1) {
  const report = play(seed);
  if (report.violations.length > 0) {
    print(describeFailure(report));
    process.exit(1);
  }
  const now_ms = performance.now();
  if (now_ms - told_ms < PROGRESS_EVERY_MS) continue;
  told_ms = now_ms;
  const played = seed - first + 1;
  const rate = Math.round((played * 1000) / (now_ms - begun_ms));
  print(`${played} worlds held, ${rate} a second; the last seed was ${seed}`);
}
