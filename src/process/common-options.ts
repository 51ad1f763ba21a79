/** The options that every program has, and those that the original has and this design has no use for. */
import { availableParallelism } from 'node:os';
import type { Given } from './changes';
import type { OptionReader } from './option-reader';
import type { OptionSpec } from './options';

/** What every program's options have. */
export interface CommonOptions {
  readonly daemon: boolean;
  readonly logFile: string | undefined;
  readonly pidFile: string | undefined;
  /** Threads that share the work. */
  readonly workers: number;
  /** Keys of the control channel; undefined speaks in the clear. */
  readonly keyFile: string | undefined;
  /** Counters go to the log so often; undefined for only when asked. */
  readonly statsEvery_s: number | undefined;
  /** Where counters are served; undefined for nowhere. */
  readonly metrics: MetricsAddress | undefined;
  readonly withoutEffect: readonly WithoutEffect[];
  /** All that was given. */
  readonly given: Given;
}

export interface MetricsAddress {
  readonly host: string;
  readonly port: number;
}

/** An option that was given and does nothing here. */
export interface WithoutEffect {
  readonly option: string;
  readonly reason: string;
}

/** An option of the original that is accepted so that old command lines work, and why it does nothing. */
export interface IdleSpec extends OptionSpec {
  readonly reason: string;
}

const LOOPBACK = '127.0.0.1';
const STATS_MAX_S = 86_400;
/** Each is a peer of each intercept's, and a socket for each family. */
export const WORKERS_MAX = 16;

export const COMMON_SPECS: readonly OptionSpec[] = [
  {
    long: 'key-file',
    value: 'file',
    group: 'Control channel',
    help: 'keys that both programs prove to each other before anything is said, and seal\nall of it with (tcpcopy keygen makes one; SIGHUP reads it again)',
  },
  {
    long: 'stats',
    value: 'seconds',
    group: 'What it counts',
    help: 'log the counters so often (SIGUSR1 logs them once)',
  },
  {
    long: 'metrics',
    value: '[ip:]port',
    group: 'What it counts',
    help: `serve the counters for Prometheus (/metrics), and whether it is ready (/ready)\n(default ip: ${LOOPBACK})`,
  },
  {
    long: 'workers',
    value: 'number|auto',
    group: 'Process',
    help: 'threads that share the connections among them, each on a core of its own\n(default 1; auto: as many as there are cores)',
  },
  {
    long: 'config',
    value: 'file',
    group: 'Process',
    help: 'read options from there too, `name = value` by their long names, one a line;\nwhat stands here wins',
  },
  { short: 'l', long: 'log', value: 'file', group: 'Process', help: 'log file (default: standard error)' },
  { short: 'P', long: 'pid-file', value: 'file', group: 'Process', help: 'write the process id there' },
  { short: 'd', long: 'daemon', group: 'Process', help: 'run in the background, once everything works' },
  { short: 'v', long: 'version', group: 'Process', help: 'print the version' },
  { short: 'h', long: 'help', group: 'Process', help: 'print this help' },
];

/** @param parseAddress undefined when the text is no IP address */
export function readCommonOptions(
  reader: OptionReader,
  idle: readonly IdleSpec[],
  parseAddress: (text: string) => unknown,
): CommonOptions {
  const metrics = reader.parsed('metrics', '[ip:]port', (text): MetricsAddress | undefined => {
    const [, ipv6, ipv4, digits = ''] = /^(?:\[([^\]]+)\]:|([^:]+):)?(\d{1,5})$/.exec(text) ?? [];
    const host = ipv6 ?? ipv4 ?? LOOPBACK;
    const port = Number(digits);
    return digits !== '' && port >= 1 && port <= 0xffff && parseAddress(host) !== undefined
      ? { host, port }
      : undefined;
  });
  return {
    daemon: reader.has('daemon'),
    logFile: reader.text('log'),
    pidFile: reader.text('pid-file'),
    workers: reader.parsed('workers', `a number from 1 to ${WORKERS_MAX}, or auto`, asWorkers) ?? 1,
    keyFile: reader.text('key-file'),
    statsEvery_s: reader.whole('stats', 1, STATS_MAX_S),
    metrics,
    withoutEffect: idle
      .filter(({ long }) => reader.has(long))
      .map(({ long, reason }) => ({ option: reader.nameOf(long), reason })),
    given: reader.given,
  };
}

function asWorkers(text: string): number | undefined {
  if (text === 'auto') return Math.min(WORKERS_MAX, availableParallelism());
  const count = /^\d{1,2}$/.test(text) ? Number(text) : NaN;
  return count >= 1 && count <= WORKERS_MAX ? count : undefined;
}
