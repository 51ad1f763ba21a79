/** Plays one seed, and prints everything that happens: `npm run sim -- <seed> [--smallest]`. */
import { play, playPlan } from './world/play';
import { smallestLike } from './world/failure';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const seed = Number(process.argv[2]);
if (!Number.isInteger(seed)) {
  print('usage: npm run sim -- <seed> [--smallest]');
  process.exit(2);
}
const whole = play(seed);
const small = process.argv.includes('--smallest') && whole.violations.length > 0;
const plan = small ? smallestLike(whole) : whole.plan;
print(JSON.stringify(plan, undefined, 2));
const report = playPlan(plan, { trace: print });
const counted = Object.entries(report.counters).filter(([, count]) => count > 0);
print(JSON.stringify(Object.fromEntries(counted), undefined, 2));
for (const violation of report.violations) print(`VIOLATION ${violation}`);
if (report.violations.length === 0) print('every property held');
process.exitCode = report.violations.length === 0 ? 0 : 1;
