/** tcpcopy's command line. */
import type { CaptureWishes } from '../capture/request';
import { asBackend, type Backend } from '../kernel/backend';
import type { InjectWishes } from '../inject/sink';
import { CONTROL_PORT } from '../control/messages';
import { asOverloadWish, type OverloadWish } from '../overload/wish';
import { readCommonOptions, type CommonOptions } from '../process/common-options';
import { OptionReader } from '../process/option-reader';
import { formatHelp } from '../process/options';
import type { Command } from '../process/run';
import { VERSION } from '../process/version';
import type { EngineOptions, Transfer } from '../session/contract';
import { formatAddress, parseAddress, parsePort } from '../wire/flow';
import { guardFaults, type InterceptEndpoint } from './guarded';
import {
  BUFFER_MAX_MB,
  COPIES_MAX,
  EXAMPLES,
  IDLE_SPECS,
  INTERCEPTS_MAX,
  MEMORY_MAX_MB,
  MSS_MIN_BYTES,
  MTU_DEFAULT_BYTES,
  MTU_MIN_BYTES,
  NICE_DEFAULT,
  NICE_MAX,
  SPECS,
  SYNOPSIS,
  TIMEOUT_MAX_S,
} from './option-specs';
import { readReplay, type LocalFiles, type ReplayOptions } from './replay-options';
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
  /** What is done while clients bring more than can be copied. */
  readonly overload: OverloadWish;
  /** Where copies leave this machine. */
  readonly inject: InjectWishes;
  readonly capture: CaptureWishes;
  /** Captures are played instead of live traffic. */
  readonly replay: ReplayOptions | undefined;
}

/** What of the machine a command line is read by. */
export interface LocalMachine extends LocalFiles {
  /** Host order. */
  readonly addresses: { has(address: number): boolean };
  /** Of the devices that packets can leave by; undefined when it cannot be told. */
  readonly smallestMtu_bytes: number | undefined;
}

export function parseTcpcopyOptions(argv: readonly string[], local: LocalMachine): Command<TcpcopyOptions> {
  const reader = new OptionReader(SPECS, argv);
  if (reader.has('help')) return { kind: 'print', text: formatHelp(SYNOPSIS, SPECS, EXAMPLES) };
  if (reader.has('version')) return { kind: 'print', text: `tcpcopy ${VERSION}\n` };
  const replay = readReplay(reader, local);
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
  const overload = reader.parsed('overload', 'leave-out or wait', asOverloadWish) ?? 'leave-out';
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
      overload,
      capture,
      inject,
      replay,
      serverReading: servers.length === 0 ? 'not-given' : listed ? 'intercepts' : 'own-address',
    },
  };
}

/** @param local addresses that the test server may not have: what is sent there must not be captured as a client's */
function readTransfers(reader: OptionReader, local: LocalMachine['addresses']): Transfers {
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
    lateMax_ms: seconds('late-max'),
    repeatsDoubtful: reader.has('repeat-doubtful'),
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
