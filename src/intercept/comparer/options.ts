/** The options of `intercept --compare`. */
import { RuleError, Rules } from '../../answers/compare/rules';
import { parseThreshold, ThresholdError } from '../../answers/report/thresholds';
import type { Backend } from '../../kernel/backend';
import type { OptionReader } from '../../process/option-reader';
import type { OptionSpec } from '../../process/options';
import type { CompareOptions } from './wishes';

const COMPARED = 'What is compared';
const EVERY_DEFAULT_S = 60;
const EVERY_MAX_S = 86_400;
const MEMORY_DEFAULT_MB = 256;
const MEMORY_MAX_MB = 65_536;
const QUEUE_MAX = 65_535;

export const COMPARE_SPECS: readonly OptionSpec[] = [
  {
    long: 'compare',
    group: COMPARED,
    help: 'compare what the test server answers with what the online server does, of the connections\nthat tcpcopy --compare chooses, in a process of its own (default: nothing is compared)',
  },
  {
    long: 'compare-out',
    value: 'file,…',
    group: COMPARED,
    help: `write the report there, every --compare-every seconds and at the end: .html, .json, .xml (JUnit)`,
  },
  {
    long: 'compare-every',
    value: 'seconds',
    group: COMPARED,
    help: `how often (default ${EVERY_DEFAULT_S})`,
  },
  {
    long: 'compare-ignore',
    value: 'rule,…',
    group: COMPARED,
    help: 'not compared, as in header:etag, json:$..id (tcpcopy compare --ignore)',
  },
  {
    long: 'compare-redact',
    value: 'rule,…',
    group: COMPARED,
    help: 'compared, and shown in no report, as in json:$..password (tcpcopy compare --redact)',
  },
  {
    long: 'compare-fail',
    value: 'limit,…',
    group: COMPARED,
    help: "warn where it is passed, and say so in the report, as in 'differing > 0.1%'\n(tcpcopy compare --fail)",
  },
  {
    long: 'compare-memory',
    value: 'MB',
    group: COMPARED,
    help: `of answers that wait for their partner (default ${MEMORY_DEFAULT_MB})`,
  },
  {
    long: 'compare-queue',
    value: 'number',
    group: COMPARED,
    help: 'NFQUEUE that responses to be compared are led to; no rule leads there\n(default: the one behind -Q)',
  },
];

/** @param queue that responses are caught by; undefined where they are captured */
export function readCompare(
  reader: OptionReader,
  queue: number | undefined,
  io: Backend,
): CompareOptions | undefined {
  const more = COMPARE_SPECS.map(({ long }) => long).filter((long) => long !== 'compare' && reader.has(long));
  if (!reader.has('compare')) {
    for (const long of more) reader.refuse(long, 'says something with --compare only');
    return undefined;
  }
  if (io === 'packages')
    reader.refuse('compare', 'needs packets as the kernel has them: not with --io packages');
  const second = reader.whole('compare-queue', 0, QUEUE_MAX);
  if (queue === undefined && second !== undefined)
    reader.refuse('compare-queue', 'is for the test server; with -i or -F responses are captured');
  if (queue !== undefined && (second ?? queue + 1) === queue)
    reader.refuse('compare-queue', `is ${queue}, by which responses are caught (-Q): give another one`);
  const out = listOf(reader, 'compare-out');
  for (const path of out)
    if (!/\.(?:html|json|xml)$/.test(path))
      reader.refuse(
        'compare-out',
        `takes files that end in .html, .json or .xml, not ${JSON.stringify(path)}`,
      );
  return {
    queue: queue === undefined ? undefined : (second ?? (queue === QUEUE_MAX ? queue - 1 : queue + 1)),
    out,
    every_s: reader.whole('compare-every', 1, EVERY_MAX_S) ?? EVERY_DEFAULT_S,
    ignore: checked(reader, 'compare-ignore', (rule) => new Rules([rule])),
    redact: checked(reader, 'compare-redact', (rule) => new Rules([rule])),
    fail: checked(reader, 'compare-fail', parseThreshold),
    memory_bytes: (reader.whole('compare-memory', 1, MEMORY_MAX_MB) ?? MEMORY_DEFAULT_MB) * 1_000_000,
  };
}

const listOf = (reader: OptionReader, long: string): string[] =>
  reader
    .text(long)
    ?.split(',')
    .map((part) => part.trim()) ?? [];

/** @param read throws for what is none */
function checked(reader: OptionReader, long: string, read: (text: string) => unknown): string[] {
  const texts = listOf(reader, long);
  for (const text of texts)
    try {
      read(text);
    } catch (error) {
      if (!(error instanceof RuleError || error instanceof ThresholdError)) throw error;
      reader.refuse(long, error.message);
    }
  return texts;
}
