/** tcpcopy's command line. */
import type { CaptureWishes } from '../capture/request';
import { asBackend, type Backend } from '../kernel/backend';
import type { InjectWishes } from '../inject/sink';
import { CONTROL_PORT } from '../control/messages';
import {
  COMMON_SPECS,
  readCommonOptions,
  type CommonOptions,
  type IdleSpec,
} from '../process/common-options';
import { OptionReader } from '../process/option-reader';
import { formatHelp, type OptionSpec } from '../process/options';
import type { Command } from '../process/run';
import { VERSION } from '../process/version';
import type { EngineOptions, Transfer } from '../session/contract';
import { formatAddress, parseAddress, parsePort } from '../wire/flow';
import { guardFaults, type InterceptEndpoint } from './guarded';
import { readReplay, REPLAY_SPECS, type ReplayOptions } from './replay-options';
import { parseTransfers, type Transfers } from './transfers';

/**
 * How `-s` was read. The document that taught a generation of users gives the online server's own address there, the
 * original since 1.0 the intercepts: a local address is taken as the former.
 */
export type ServerReading = 'not-given' | 'own-address' | 'intercepts';

export interface TcpcopyOptions extends CommonOptions {
  readonly engine: EngineOptions;
  readonly intercepts: readonly InterceptEndpoint[];
  readonly serverReading: ServerReading;
  readonly io: Backend;
  /** How far it gives way to other programs of this machine (nice(2)). */
  readonly nice: number;
  /** Where copies leave this machine. */
  readonly inject: InjectWishes;
  readonly capture: CaptureWishes;
  /** A capture file is played instead of live traffic. */
  readonly replay: ReplayOptions | undefined;
}

/** As in the original. */
const INTERCEPTS_MAX = 32;
const COPIES_MAX = 1023;
const RESPONSE_DEFAULT_S = 600;
const MEMORY_DEFAULT_MB = 2048;
const MTU_DEFAULT_BYTES = 1500;
const MSS_DEFAULT_BYTES = 1460;
const BUFFER_DEFAULT_MB = 64;
const NICE_DEFAULT = 5;

const TIMEOUT_MAX_S = 604_800;
const MEMORY_MAX_MB = 1_048_576;
/** What every path takes (RFC 791, section 3.1, less would leave hardly any payload). */
const MTU_MIN_BYTES = 256;
const MSS_MIN_BYTES = 64;
const BUFFER_MAX_MB = 1024;
const NICE_MAX = 19;

const INTERCEPT = 'Where intercept runs';
const COPIED = 'What is copied';
const CAPTURE = 'Where and how it is captured';
const SENT = 'Where copies leave';
const SOURCE = 'Under which addresses';
const PACE = 'When it is sent';
const LIMITS = 'Limits';

/** Options of the original that have nothing to do here. */
const IDLE_SPECS: readonly IdleSpec[] = [
  {
    short: 'L',
    long: 'lonely',
    group: INTERCEPT,
    help: 'accepted; losing intercept is always survived',
    reason: 'tcpcopy always survives the loss of intercept, and connects again by itself',
  },
  {
    short: 'C',
    long: 'connections',
    value: 'number',
    group: INTERCEPT,
    help: 'accepted; one connection to each intercept carries everything',
    reason: 'one connection to each intercept carries all replies in batches',
  },
  {
    short: 'R',
    long: 'rtt',
    value: 'ms',
    group: PACE,
    help: 'accepted; round trips are measured',
    reason: 'round trips are measured for each session (RFC 6298)',
  },
  {
    short: 'U',
    long: 'session-pool',
    value: 'KB',
    group: LIMITS,
    help: 'accepted; sessions take what they need',
    reason: 'a session takes memory as it needs it; -m bounds all of them',
  },
];

const SPECS: readonly OptionSpec[] = [
  {
    short: 'x',
    long: 'transfer',
    value: '[ip:]port[@mac]-ip:port[@mac],…',
    group: COPIED,
    help: 'from which port of this machine to which test server; a mac is the link address\nthat copies are sent from or to (default: found out)',
  },
  {
    short: 'r',
    long: 'percentage',
    value: '1-100',
    group: COPIED,
    help: 'of all connections, each wholly or not at all (default 100)',
  },
  {
    short: 'g',
    long: 'gradual',
    group: COPIED,
    help: 'begin with one percent, and add one each second up to -r',
  },
  {
    short: 'n',
    long: 'multiply',
    value: '1-1023',
    group: COPIED,
    help: 'copies of each connection (default 1)',
  },
  {
    short: 'O',
    long: 'whole-connections',
    group: COPIED,
    help: 'copy only connections seen from their SYN; others are joined at\ntheir next request otherwise',
  },
  {
    short: 'i',
    long: 'device',
    value: 'device,…|file',
    group: CAPTURE,
    help: 'capture there (default: every device with an address that is copied),\nor play a capture file (pcap, pcapng) instead of live traffic',
  },
  {
    short: 'F',
    long: 'filter',
    value: 'expression',
    group: CAPTURE,
    help: "what is captured, as a filter of tcpdump's; of it, what -x names is copied\n(default: what -x names)",
  },
  {
    short: 'B',
    long: 'buffer',
    value: 'MB',
    group: CAPTURE,
    help: `what may wait for each device (default ${BUFFER_DEFAULT_MB})`,
  },
  {
    short: 'S',
    long: 'snap-length',
    value: 'bytes',
    group: CAPTURE,
    help: 'longer packets are not copied (default 65535: all are)',
  },
  {
    long: 'io',
    value: 'packages|ring|auto',
    group: CAPTURE,
    help: 'how packets are captured and sent (default auto: by the kernel itself, in batches,\nwhere it can be called, else by the packages cap and raw-socket)',
  },
  ...REPLAY_SPECS,
  {
    short: 'o',
    long: 'output-device',
    value: 'device',
    group: SENT,
    help: 'copies leave by this device, at the data link (default: as the kernel routes them)',
  },
  {
    short: 'c',
    long: 'source',
    value: 'ip,…|a.b.c.x',
    group: SOURCE,
    help: "addresses that copies are sent from, a.b.c.x for 254 of them\n(default: the clients' own)",
  },
  {
    short: 'H',
    long: 'loopback-source',
    value: 'ip',
    group: SOURCE,
    help: 'copy clients of 127.0.0.0/8 too, under this address',
  },
  {
    short: 'f',
    long: 'port-shift',
    value: '1-1023',
    group: SOURCE,
    help: 'keeps the source ports of several tcpcopies at one test server apart:\na different number for each',
  },
  {
    short: 's',
    long: 'server',
    value: 'ip[:port],…',
    group: INTERCEPT,
    help: 'an address of this machine: intercept runs on each test server;\nothers: intercept runs there (default: on each test server)',
  },
  {
    short: 'p',
    long: 'port',
    value: 'port',
    group: INTERCEPT,
    help: `intercept's port (default ${CONTROL_PORT})`,
  },
  {
    short: 'W',
    long: 'no-wait',
    group: PACE,
    help: 'send requests as they were captured, without waiting for the answer\nto the one before',
  },
  {
    short: 't',
    long: 'response-timeout',
    value: 'seconds',
    group: PACE,
    help: `give a session up when its client goes unanswered for longer\n(default ${RESPONSE_DEFAULT_S})`,
  },
  {
    short: 'k',
    long: 'idle-timeout',
    value: 'seconds',
    group: PACE,
    help: 'give a session up when its client is silent for longer\n(default: -t and 120 more)',
  },
  {
    short: 'm',
    long: 'memory',
    value: 'MB',
    group: LIMITS,
    help: `what all sessions may hold; then new ones are refused (default ${MEMORY_DEFAULT_MB})`,
  },
  {
    long: 'nice',
    value: '0-19',
    group: LIMITS,
    help: `how far it gives way to the servers of this machine (default ${NICE_DEFAULT})`,
  },
  {
    short: 'M',
    long: 'mtu',
    value: 'bytes',
    group: LIMITS,
    help: `largest packet to the test servers (default: the smallest MTU of this\nmachine's devices, at most ${MTU_DEFAULT_BYTES})`,
  },
  {
    short: 'D',
    long: 'mss',
    value: 'bytes',
    group: LIMITS,
    help: `segment size stated for a connection that is joined (default ${MSS_DEFAULT_BYTES})`,
  },
  ...IDLE_SPECS,
  ...COMMON_SPECS,
];

const SYNOPSIS = `tcpcopy: copies what clients send to this machine to a test server, live or from a capture.

Nothing is sent before intercept says that it catches the test server's responses,
so it does not matter which of the two is started first.`;

const EXAMPLES = [
  'tcpcopy -x 80-198.18.10.30:8080 -s 198.18.10.20 -d',
  'tcpcopy -x 80-198.18.10.30:8080,6379-198.18.10.31:6379',
  'tcpcopy -x 80-198.18.10.30:8080 -r 20 -d        20 % of the connections',
  'tcpcopy -x 80-198.18.10.30:8080 -n 2 -d         every connection twice',
  'tcpcopy -i online.pcap -x 80-198.18.10.30:8080   a capture, on the test server itself',
  'tcpcopy doctor -x 80-198.18.10.30:8080           says why it does not work',
];

/** What of the machine a command line is read by. */
export interface LocalMachine {
  /** Host order. */
  readonly addresses: ReadonlySet<number>;
  /** Of the devices that packets can leave by; undefined when it cannot be told. */
  readonly smallestMtu_bytes: number | undefined;
  /** Whether there is such a file. */
  exists(path: string): boolean;
}

export function parseTcpcopyOptions(argv: readonly string[], local: LocalMachine): Command<TcpcopyOptions> {
  const reader = new OptionReader(SPECS, argv);
  if (reader.has('help')) return { kind: 'print', text: formatHelp(SYNOPSIS, SPECS, EXAMPLES) };
  if (reader.has('version')) return { kind: 'print', text: `tcpcopy ${VERSION}\n` };
  const replay = readReplay(reader, (path) => local.exists(path));
  const { transfers, linkAddresses } = readTransfers(reader, replay ? new Set() : local.addresses);
  const port = reader.parsed('port', 'a port from 1 to 65535', parsePort) ?? CONTROL_PORT;
  const io = reader.parsed('io', 'packages, ring or auto', asBackend) ?? 'auto';
  const servers = readServers(reader, port);
  const own = servers.filter(({ host }) => local.addresses.has(parseAddress(host)!));
  if (own.length > 0 && own.length < servers.length)
    reader.faults.push(`-s mixes this machine's address ${own[0]!.host} with others`);
  const engine = readEngineOptions(reader, transfers, local);
  const capture = readCapture(reader);
  const inject = readInjection(reader, io, linkAddresses);
  const nice = reader.whole('nice', 0, NICE_MAX) ?? NICE_DEFAULT;
  for (const { long } of IDLE_SPECS.filter(({ value }) => value !== undefined))
    reader.whole(long, 0, 1_000_000);
  const common = readCommonOptions(reader, IDLE_SPECS, parseAddress);
  const listed = servers.length > 0 && own.length === 0;
  if (listed) reader.faults.push(...guardFaults(servers, transfers));
  if (reader.faults.length > 0) return { kind: 'refuse', faults: reader.faults };

  const onTestServers = [...new Set(transfers.map(({ testAddress }) => formatAddress(testAddress)))];
  return {
    kind: 'run',
    options: {
      ...common,
      engine,
      intercepts: listed ? servers : onTestServers.map((host) => ({ host, port })),
      io,
      nice,
      capture,
      inject,
      replay,
      serverReading: servers.length === 0 ? 'not-given' : listed ? 'intercepts' : 'own-address',
    },
  };
}

/** @param local addresses that the test server may not have: what is sent there must not be captured as a client's */
function readTransfers(reader: OptionReader, local: ReadonlySet<number>): Transfers {
  const text = reader.text('transfer');
  if (text === undefined) {
    if (!reader.has('transfer')) reader.faults.push('-x is missing: it says what is copied where');
    return { transfers: [], linkAddresses: new Map(), faults: [] };
  }
  const parsed = parseTransfers(text);
  reader.faults.push(...parsed.faults);
  for (const { testAddress } of parsed.transfers) {
    if (!local.has(testAddress)) continue;
    reader.refuse(
      'transfer',
      `names ${formatAddress(testAddress)} as the test server, which is this machine itself`,
    );
  }
  return parsed;
}

function readInjection(
  reader: OptionReader,
  io: Backend,
  linkAddresses: InjectWishes['linkAddresses'],
): InjectWishes {
  const device = reader.text('output-device');
  const atTheLink = device !== undefined || linkAddresses.size > 0;
  if (atTheLink && io === 'packages')
    reader.faults.push('-o and @mac send at the data link, which --io packages cannot');
  return { device, linkAddresses };
}

function readCapture(reader: OptionReader): CaptureWishes {
  const buffer_mb = reader.whole('buffer', 1, BUFFER_MAX_MB);
  return {
    devices: reader.text('device')?.split(','),
    filter: reader.text('filter'),
    buffer_bytes: buffer_mb === undefined ? undefined : buffer_mb * 2 ** 20,
    packetMax_bytes: reader.whole('snap-length', MTU_MIN_BYTES, 0xffff),
  };
}

/** Options that were not given are left out: the engine knows its own defaults. */
function readEngineOptions(
  reader: OptionReader,
  transfers: readonly Transfer[],
  local: LocalMachine,
): EngineOptions {
  const seconds = (long: string): number | undefined => {
    const value_s = reader.whole(long, 1, TIMEOUT_MAX_S);
    return value_s === undefined ? undefined : value_s * 1000;
  };
  const memory_mb = reader.whole('memory', 1, MEMORY_MAX_MB);
  const addressed = 'an IPv4 address';
  return withoutUndefined({
    transfers,
    percentage: reader.whole('percentage', 1, 100),
    gradual: reader.has('gradual'),
    copies: reader.whole('multiply', 1, COPIES_MAX),
    portShift: reader.whole('port-shift', 0, COPIES_MAX),
    sourceAddresses: reader.parsed('source', 'IPv4 addresses, or a.b.c.x', parseSources),
    loopbackAddress: reader.parsed('loopback-source', addressed, parseAddress),
    wholeConnectionsOnly: reader.has('whole-connections'),
    waitForAnswers: !reader.has('no-wait'),
    response_ms: seconds('response-timeout'),
    idle_ms: seconds('idle-timeout'),
    memory_bytes: memory_mb === undefined ? undefined : memory_mb * 2 ** 20,
    mtu_bytes:
      reader.whole('mtu', MTU_MIN_BYTES, 0xffff) ??
      Math.min(MTU_DEFAULT_BYTES, Math.max(MTU_MIN_BYTES, local.smallestMtu_bytes ?? MTU_DEFAULT_BYTES)),
    segment_bytes: reader.whole('mss', MSS_MIN_BYTES, 0xffff),
  });
}

type Defined<T> = { [Name in keyof T]: Exclude<T[Name], undefined> };

const withoutUndefined = <T extends object>(fields: T): Defined<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;

/** A list of addresses, or `a.b.c.x` for a.b.c.1 to a.b.c.254; host order. */
function parseSources(text: string): number[] | undefined {
  const range = /^(\d+\.\d+\.\d+)\.x$/.exec(text)?.[1];
  const parts =
    range === undefined
      ? text.split(',')
      : Array.from({ length: 254 }, (_, index) => `${range}.${index + 1}`);
  const addresses = parts.map(parseAddress);
  const distinct = new Set(addresses);
  return addresses.every((address) => address !== undefined) && distinct.size === parts.length
    ? addresses
    : undefined;
}

function readServers(reader: OptionReader, defaultPort: number): InterceptEndpoint[] {
  const servers: InterceptEndpoint[] = [];
  for (const part of reader.text('server')?.split(',') ?? []) {
    const [host = '', portText, ...rest] = part.split(':');
    const port = portText === undefined ? defaultPort : parsePort(portText);
    if (rest.length > 0 || parseAddress(host) === undefined || port === undefined) {
      reader.refuse('server', `takes ip[:port],…, not ${JSON.stringify(part)}`);
    } else if (servers.some((other) => other.host === host && other.port === port)) {
      reader.refuse('server', `names ${part} twice`);
    } else servers.push({ host, port });
  }
  if (servers.length > INTERCEPTS_MAX)
    reader.refuse('server', `takes at most ${INTERCEPTS_MAX} intercepts, not ${servers.length}`);
  return servers;
}
