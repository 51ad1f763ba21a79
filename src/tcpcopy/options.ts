/** tcpcopy's command line. */
import type { CaptureBackend } from '../capture/open';
import { CONTROL_PORT } from '../control/messages';
import { formatHelp, parseOptions, type OptionSpec } from '../process/options';
import type { Command, CommonOptions } from '../process/run';
import { VERSION } from '../process/version';
import type { Transfer } from '../session/contract';
import { formatAddress, parseAddress, parsePort } from '../wire/flow';
import { parseTransfers } from './transfers';

export interface InterceptEndpoint {
  readonly host: string;
  readonly port: number;
}

/**
 * How `-s` was read. The document that taught a generation of users gives the online server's own address there, the
 * original since 1.0 the intercepts: a local address is taken as the former.
 */
export type ServerReading = 'not-given' | 'own-address' | 'intercepts';

export interface TcpcopyOptions extends CommonOptions {
  readonly transfers: readonly Transfer[];
  readonly intercepts: readonly InterceptEndpoint[];
  readonly serverReading: ServerReading;
  readonly io: CaptureBackend;
}

/** As in upstream. */
const INTERCEPTS_MAX = 32;

const SPECS: readonly OptionSpec[] = [
  {
    short: 'x',
    long: 'transfer',
    value: '[ip:]port-ip:port,…',
    group: 'What is copied',
    help: 'from which port of this machine to which test server',
  },
  {
    short: 's',
    long: 'server',
    value: 'ip[:port],…',
    group: 'Where intercept runs',
    help: 'an address of this machine: intercept runs on each test server;\nothers: intercept runs there (default: on each test server)',
  },
  {
    short: 'p',
    long: 'port',
    value: 'port',
    group: 'Where intercept runs',
    help: `intercept's port (default ${CONTROL_PORT})`,
  },
  {
    long: 'io',
    value: 'packages|ring|auto',
    group: 'What is copied',
    help: "how packets are captured (default auto: the kernel's own queue where\nit can be used, else the package cap)",
  },
  { short: 'l', long: 'log', value: 'file', group: 'Process', help: 'log file (default: standard error)' },
  { short: 'P', long: 'pid-file', value: 'file', group: 'Process', help: 'write the process id there' },
  { short: 'd', long: 'daemon', group: 'Process', help: 'run in the background, once everything works' },
  { short: 'v', long: 'version', group: 'Process', help: 'print the version' },
  { short: 'h', long: 'help', group: 'Process', help: 'print this help' },
];

const SYNOPSIS = `tcpcopy: copies what clients send to this machine to a test server, live.

Nothing is sent before intercept says that it catches the test server's responses,
so it does not matter which of the two is started first.`;

const EXAMPLES = [
  'tcpcopy -x 80-198.18.10.30:8080 -s 198.18.10.20 -d',
  'tcpcopy -x 80-198.18.10.30:8080,6379-198.18.10.31:6379',
];

/** @param localAddresses this machine's addresses, host order */
export function parseTcpcopyOptions(
  argv: readonly string[],
  localAddresses: ReadonlySet<number>,
): Command<TcpcopyOptions> {
  const { given, faults: syntaxFaults } = parseOptions(SPECS, argv);
  if (given.has('help')) return { kind: 'print', text: formatHelp(SYNOPSIS, SPECS, EXAMPLES) };
  if (given.has('version')) return { kind: 'print', text: `tcpcopy ${VERSION}\n` };
  const faults = [...syntaxFaults];
  const value = (name: string): string | undefined => {
    const text = given.get(name);
    return typeof text === 'string' ? text : undefined;
  };
  const transferText = value('transfer');
  if (transferText === undefined && !given.has('transfer'))
    faults.push('-x is missing: it says what is copied where');
  const { transfers, faults: transferFaults } =
    transferText === undefined ? { transfers: [], faults: [] } : parseTransfers(transferText);
  faults.push(...transferFaults);
  for (const { testAddress } of transfers) {
    if (localAddresses.has(testAddress)) {
      faults.push(`-x names ${formatAddress(testAddress)} as the test server, which is this machine itself`);
    }
  }
  const portText = value('port');
  const port = portText === undefined ? CONTROL_PORT : parsePort(portText);
  if (port === undefined) faults.push(`-p takes a port from 1 to 65535, not ${JSON.stringify(portText)}`);
  const io = value('io') ?? 'auto';
  if (!isBackend(io)) faults.push(`--io takes packages, ring or auto, not ${JSON.stringify(io)}`);
  const servers = parseServers(value('server'), port ?? CONTROL_PORT, faults);
  if (faults.length > 0 || port === undefined || !isBackend(io)) return { kind: 'refuse', faults };

  const own = servers.filter(({ host }) => localAddresses.has(parseAddress(host)!));
  if (own.length > 0 && own.length < servers.length) {
    return { kind: 'refuse', faults: [`-s mixes this machine's address ${own[0]!.host} with others`] };
  }
  const onTestServers = [...new Set(transfers.map(({ testAddress }) => formatAddress(testAddress)))];
  const listed = servers.length > 0 && own.length === 0;
  return {
    kind: 'run',
    options: {
      transfers,
      intercepts: listed ? servers : onTestServers.map((host) => ({ host, port })),
      io,
      serverReading: servers.length === 0 ? 'not-given' : listed ? 'intercepts' : 'own-address',
      daemon: given.has('daemon'),
      logFile: value('log'),
      pidFile: value('pid-file'),
    },
  };
}

const isBackend = (text: string): text is CaptureBackend => ['packages', 'ring', 'auto'].includes(text);

function parseServers(text: string | undefined, defaultPort: number, faults: string[]): InterceptEndpoint[] {
  if (text === undefined) return [];
  const servers: InterceptEndpoint[] = [];
  for (const part of text.split(',')) {
    const [host = '', portText, ...rest] = part.split(':');
    const port = portText === undefined ? defaultPort : parsePort(portText);
    if (rest.length > 0 || parseAddress(host) === undefined || port === undefined) {
      faults.push(`-s takes ip[:port],…, not ${JSON.stringify(part)}`);
    } else if (servers.some((other) => other.host === host && other.port === port)) {
      faults.push(`-s names ${part} twice`);
    } else servers.push({ host, port });
  }
  if (servers.length > INTERCEPTS_MAX)
    faults.push(`-s takes at most ${INTERCEPTS_MAX} intercepts, not ${servers.length}`);
  return servers;
}
