/** The process that compares for intercept: what is told comes in by a pipe and a queue, reports and counters go out. It ends with the pipe. */
import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import type { ComparisonReport } from '../../answers/account/report';
import { DEFAULTS } from '../../answers/captures/compare-files';
import { ALWAYS_IGNORED, ALWAYS_REDACTED, Rules } from '../../answers/compare/rules';
import { LiveComparison } from '../../answers/live/live-comparison';
import { comparisonAsText } from '../../answers/report/text';
import { crossedOf, parseThreshold, undecidedOf } from '../../answers/report/thresholds';
import { SeenError } from '../../answers/seen/records';
import { openComparedQueue, type ComparedQueue } from './compared-queue';
import { PieceReader } from './pipe';
import { writeReport, type Told } from './report-files';
import type { ComparerSays, ComparerStatus, ComparerWishes } from './wishes';

/** It gives way to the test server, and to who tells tcpcopy of responses. */
const NICE = 10;
const STATUS_EVERY_MS = 2000;
/** A copy is seldom later than this: what waits for up to twice as long will have no partner. */
const SETTLE_EVERY_MS = 60_000;
/** Of the program itself, and of connections that are open; what waits is bounded apart. */
const ROOM_BYTES = 512 * 1024 * 1024;

const say = (what: ComparerSays): Promise<void> =>
  new Promise((resolve) => {
    if (!process.connected) resolve();
    else process.send!(what, () => resolve());
  });

export function runComparer(): void {
  // Who ends intercept with Ctrl-C ends this by it, when all is told.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'] as const)
    process.on(signal, () => undefined);
  setPriority(NICE);
  nameProcess();
  process.once('message', (wishes) => begin(wishes as ComparerWishes));
}

function begin(wishes: ComparerWishes): void {
  const { queue: number, clock_ms, memory_bytes } = wishes;
  const now_ms = (): number => Number(process.hrtime.bigint()) / 1e6 + clock_ms;
  const comparison = new LiveComparison({
    rules: {
      ignore: new Rules([...ALWAYS_IGNORED, ...wishes.ignore]),
      redact: new Rules([...ALWAYS_REDACTED, ...wishes.redact]),
    },
    body_bytes: DEFAULTS.body_bytes,
    patience_s: DEFAULTS.patience_s,
    memory_bytes,
  });
  let queue: ComparedQueue | undefined;
  try {
    if (number !== undefined)
      queue = openComparedQueue(number, now_ms, (segment, at_ms) =>
        comparison.response(segment, at_ms / 1000),
      );
  } catch (error) {
    void say({ kind: 'failed', reason: (error as Error).message }).then(() => process.exit(1));
    return;
  }
  const counted = { restarts: 0, unreadable: 0 };
  const told = (): Told => toldOf(comparison.report(), wishes);
  const status = (of: Told): ComparerStatus => statusOf(of, comparison, queue, counted);
  const timers = [
    setInterval(() => {
      if (process.memoryUsage.rss() > memory_bytes + ROOM_BYTES) {
        counted.restarts += 1;
        comparison.forgetAll();
      }
      void say({ kind: 'status', ...status(told()) });
    }, STATUS_EVERY_MS),
    setInterval(() => comparison.settle(), SETTLE_EVERY_MS),
    setInterval(() => write(told(), wishes), wishes.every_s * 1000),
  ];
  const pieces = new PieceReader();
  process.stdin.on('data', (chunk: Buffer) => {
    for (const { kind, peer, records } of pieces.push(chunk)) {
      if (kind === 'gone') comparison.gone(peer);
      else
        try {
          comparison.seen(peer, records);
        } catch (error) {
          if (!(error instanceof SeenError)) throw error;
          counted.unreadable += 1;
        }
    }
  });
  process.stdin.once('close', () => {
    timers.forEach(clearInterval);
    queue?.close();
    comparison.end();
    const last = told();
    write(last, wishes);
    const summary = comparisonAsText(last.report, last.crossed, last.undecided);
    void say({ kind: 'ended', ...status(last), summary }).then(() => process.exit(0));
  });
  void say({ kind: 'ready' });
}

function toldOf(report: ComparisonReport, { fail }: ComparerWishes): Told {
  const thresholds = fail.map(parseThreshold);
  return {
    report,
    thresholds,
    crossed: crossedOf(report, thresholds),
    undecided: undecidedOf(report, thresholds),
  };
}

function statusOf(
  { report, crossed }: Told,
  comparison: LiveComparison,
  queue: ComparedQueue | undefined,
  { restarts, unreadable }: { readonly restarts: number; readonly unreadable: number },
): ComparerStatus {
  const { pairs, differing, unanswered, carried, unjudged, unmatched } = report;
  return {
    gauges: {
      compare_pairs: pairs,
      compare_differing: differing,
      compare_unanswered: unanswered,
      compare_carried: carried,
      compare_unjudged: unjudged,
      compare_unmatched_online: unmatched.online,
      compare_unmatched_test: unmatched.test,
      compare_connections_left_out: comparison.leftOut,
      compare_responses_lost: comparison.responsesDropped + (queue?.lost ?? 0),
      compare_memory_exceeded: restarts,
      compare_unreadable: unreadable,
      compare_limits_passed: crossed.length,
    },
    crossed: crossed.map(({ threshold, message }) => `${threshold}: ${message}`),
  };
}

function write(told: Told, { out }: ComparerWishes): void {
  for (const path of out)
    try {
      writeReport(path, told);
    } catch (error) {
      void say({ kind: 'unwritten', reason: (error as Error).message });
    }
}

/** Not to be taken for intercept (proc(5), /proc/pid/comm). */
function nameProcess(): void {
  try {
    writeFileSync('/proc/self/comm', 'comparer');
  } catch {
    // No /proc: it keeps its name.
  }
}
