/** The command line of `tcpcopy compare`. */
import { parseThreshold, ThresholdError, type Threshold } from '../../answers/report/thresholds';
import { ALWAYS_IGNORED, ALWAYS_REDACTED, RuleError, Rules } from '../../answers/compare/rules';
import type { ServerEndpoint } from '../../answers/captures/both-directions';
import { DEFAULTS, type CapturedServer, type FilesToCompare } from '../../answers/captures/compare-files';
import { isPattern } from '../../capture/file/glob';
import { parseHost, parsePort, splitHost } from '../../wire/flow';
import { formatHelp, parseOptions, type OptionSpec, type ParsedOptions } from '../../process/options';
import type { Command } from '../../process/run';
import type { LocalFiles } from '../options/replay';
import { parseTransfers } from '../options/transfers';

export interface CompareWishes extends FilesToCompare {
  readonly thresholds: readonly Threshold[];
  /** Paths. */
  readonly out: string | undefined;
  readonly json: string | undefined;
  readonly junit: string | undefined;
}

const CAPTURES = 'What is compared';
const NOISE = 'What is no difference, and what is shown to nobody';
const REPORT = 'Report';
const LIMITS = 'Limits';

const PATIENCE_MAX_S = 3600;
const BODY_MAX_KB = 65_536;
const MEMORY_MAX_MB = 65_536;

export const SPECS: readonly OptionSpec[] = [
  {
    long: 'online',
    value: 'file,…',
    group: CAPTURES,
    help: 'captures of the online server: requests and answers',
  },
  { long: 'test', value: 'file,…', group: CAPTURES, help: 'captures of the test server' },
  {
    short: 'x',
    long: 'transfer',
    value: '[ip:]port-ip:port,…',
    group: CAPTURES,
    help: 'from which port of the online server to which test server, as tcpcopy had it',
  },
  {
    long: 'reference',
    value: 'file,…',
    group: CAPTURES,
    help: 'captures of another test server that is known to answer as the online server does:\nwhat its answers differ in is noise',
  },
  {
    long: 'reference-server',
    value: 'ip:port',
    group: CAPTURES,
    help: 'where that one is asked (default: as the test server)',
  },
  {
    long: 'ignore',
    value: 'rule',
    isList: true,
    group: NOISE,
    help: 'not compared, as in header:etag, json:$.items[*].id, json:$..id, text, body; may be given\nseveral times, beside the headers that each answer has anew',
  },
  {
    long: 'redact',
    value: 'rule',
    isList: true,
    group: NOISE,
    help: 'compared, and shown in no report, as in json:$..password, query:code, body; may be given\nseveral times, beside cookies and what authorizes',
  },
  { long: 'out', value: 'file', group: REPORT, help: 'write the report as an HTML page' },
  {
    long: 'json',
    value: 'file',
    group: REPORT,
    help: 'write it as JSON (- for standard output, instead of the summary)',
  },
  { long: 'junit', value: 'file', group: REPORT, help: 'write it as JUnit XML, a case for each route' },
  {
    long: 'fail',
    value: 'limit',
    isList: true,
    group: REPORT,
    help: "exit 1 where it is passed, as in 'differing > 0.1%', 'unanswered > 0', 'p99 > 1.2x',\n'route p50 > 5ms'; may be given several times",
  },
  {
    long: 'patience',
    value: 's',
    group: LIMITS,
    help: `what is not answered so long before the capture's end will not be (default ${DEFAULTS.patience_s})`,
  },
  {
    long: 'body',
    value: 'KB',
    group: LIMITS,
    help: `longer bodies are compared by digest (default ${DEFAULTS.body_bytes / 1024})`,
  },
  {
    short: 'm',
    long: 'memory',
    value: 'MB',
    group: LIMITS,
    help: `of answers that wait for their partner (default ${DEFAULTS.memory_bytes / 1_000_000})`,
  },
  { short: 'h', long: 'help', group: REPORT, help: 'print this' },
];

export const EXAMPLES: readonly string[] = [
  'tcpcopy compare --online online.pcap --test test.pcap -x 80-198.18.10.30:8080 --out report.html',
  "tcpcopy compare --online a.pcap --test b.pcap -x 80-198.18.10.30:8080 --fail 'differing > 0.1%' --fail 'p99 > 1.2x'",
];

export const SYNOPSIS = `tcpcopy compare: what the test server answered, beside what the online server answered, from captures of both.

It reads captures, and sends nothing. Exit status 1: a limit of --fail was passed; 2: nothing could be compared.`;

/** @param local what of the file system it is read by */
export function parseCompareOptions(argv: readonly string[], local: LocalFiles): Command<CompareWishes> {
  const parsed = parseOptions(SPECS, argv);
  if (parsed.given.has('help')) return { kind: 'print', text: formatHelp(SYNOPSIS, SPECS, EXAMPLES) };
  const faults = [...parsed.faults];
  const files = (long: string, isNeeded: boolean): string[] => filesOf(parsed, long, isNeeded, local, faults);
  const [online, test, reference] = [files('online', true), files('test', true), files('reference', false)];
  const ignore = rulesOf(ALWAYS_IGNORED, parsed.lists.get('ignore'), faults);
  const redact = rulesOf(ALWAYS_REDACTED, parsed.lists.get('redact'), faults);
  const servers = serversOf(parsed, faults);
  const options = {
    online: { files: online, endpoints: servers.online },
    test: { files: test, endpoints: servers.test },
    ...(reference.length > 0 && { reference: { files: reference, endpoints: servers.reference } }),
    rules: { ignore, redact },
    thresholds: thresholdsOf(parsed, faults),
    patience_s: whole(parsed, 'patience', PATIENCE_MAX_S, faults) ?? DEFAULTS.patience_s,
    body_bytes: scaled(1024, whole(parsed, 'body', BODY_MAX_KB, faults)) ?? DEFAULTS.body_bytes,
    memory_bytes: scaled(1_000_000, whole(parsed, 'memory', MEMORY_MAX_MB, faults)) ?? DEFAULTS.memory_bytes,
    out: textOf(parsed, 'out'),
    json: textOf(parsed, 'json'),
    junit: textOf(parsed, 'junit'),
  };
  return faults.length > 0 ? { kind: 'refuse', faults } : { kind: 'run', options };
}

const scaled = (unit: number, value: number | undefined): number | undefined =>
  value === undefined ? undefined : unit * value;

function textOf({ given }: ParsedOptions, long: string): string | undefined {
  const value = given.get(long);
  return typeof value === 'string' ? value : undefined;
}

function filesOf(
  parsed: ParsedOptions,
  long: string,
  isNeeded: boolean,
  local: LocalFiles,
  faults: string[],
): string[] {
  const text = textOf(parsed, long);
  if (text === undefined) {
    if (isNeeded) faults.push(`--${long} is missing: a capture of that server`);
    return [];
  }
  return text.split(',').flatMap((part) => {
    if (!isPattern(part) || local.exists(part)) return [part];
    const found = local.matching(part);
    if (found.length === 0) faults.push(`--${long}: no file fits ${JSON.stringify(part)}`);
    return found;
  });
}

type Endpoints = Readonly<Record<'online' | 'test' | 'reference', CapturedServer['endpoints']>>;

function serversOf(parsed: ParsedOptions, faults: string[]): Endpoints {
  const text = textOf(parsed, 'transfer');
  if (text === undefined) {
    faults.push('-x is missing: from which port to which test server, as in -x 80-198.18.10.30:8080');
    return { online: [], test: [], reference: [] };
  }
  const { transfers, faults: found } = parseTransfers(text);
  faults.push(...found);
  const online = transfers.map(({ onlineAddress, onlinePort }) => ({
    address: onlineAddress,
    port: onlinePort,
  }));
  const test = transfers.map(({ testAddress, testPort }) => ({ address: testAddress, port: testPort }));
  const other = textOf(parsed, 'reference-server');
  return { online, test, reference: other === undefined ? test : endpointOf(other, faults) };
}

function endpointOf(text: string, faults: string[]): ServerEndpoint[] {
  const parts = splitHost(text);
  const address = parts && parseHost(parts.host);
  const port = parts && parsePort(parts.behind);
  if (address !== undefined && port !== undefined) return [{ address, port }];
  faults.push(`--reference-server takes ip:port, not ${JSON.stringify(text)}`);
  return [];
}

function rulesOf(always: readonly string[], given: readonly string[] | undefined, faults: string[]): Rules {
  const rules = (given ?? []).filter((rule) => {
    try {
      return new Rules([rule]);
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      faults.push(error.message);
      return false;
    }
  });
  return new Rules([...always, ...rules]);
}

function thresholdsOf({ lists }: ParsedOptions, faults: string[]): Threshold[] {
  return (lists.get('fail') ?? []).flatMap((text) => {
    try {
      return [parseThreshold(text)];
    } catch (error) {
      if (!(error instanceof ThresholdError)) throw error;
      faults.push(`--fail ${error.message}`);
      return [];
    }
  });
}

function whole(parsed: ParsedOptions, long: string, max: number, faults: string[]): number | undefined {
  const text = textOf(parsed, long);
  if (text === undefined) return undefined;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (value >= 1 && value <= max) return value;
  faults.push(`--${long} takes a whole number from 1 to ${max}, not ${JSON.stringify(text)}`);
  return undefined;
}
