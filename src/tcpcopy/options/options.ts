/** tcpcopy's command line. */
import { STANDARD_INPUT } from '../../capture/file/byte-source';
import { CONTROL_PORT } from '../../control/messages';
import type { InjectWishes } from '../../inject/sink';
import { readCommonOptions, type CommonOptions } from '../../process/common-options';
import { OptionReader } from '../../process/option-reader';
import { formatHelp } from '../../process/options';
import type { Command } from '../../process/run';
import { VERSION } from '../../process/version';
import type { EngineOptions, Transfer } from '../../session/contract';
import { formatAddress, parseAddress } from '../../wire/address/address';
import { parsePort } from '../../wire/flow';
import { readEngineOptions } from './engine';
import { mirrorFaults } from './mirror';
import { readOwnSources } from './own-sources';
import { guardFaults, readIntercepts, type InterceptEndpoint } from './intercepts';
import type { LocalFiles } from './replay';
import { backendOf, readSource, type Source } from './source';
import { EXAMPLES, IDLE_SPECS, SPECS, SYNOPSIS } from './specs';
import { parseTransfers, type Transfers } from './transfers';

/**
 * How `-s` was read. The document that taught a generation of users gives the online server's own address there, the
 * original since 1.0 the intercepts: an address of this machine, or one that `-x` copies from, is taken as the former.
 */
export type ServerReading = 'not-given' | 'own-address' | 'intercepts';

/** For the log. */
export const SERVER_READINGS: Readonly<Record<ServerReading, string>> = {
  'not-given': '-s is not given: intercept runs on each test server',
  'own-address': "-s is this machine's address: intercept runs on each test server",
  intercepts: '-s lists the intercepts',
};

export interface TcpcopyOptions extends CommonOptions {
  readonly engine: EngineOptions;
  readonly intercepts: readonly InterceptEndpoint[];
  readonly serverReading: ServerReading;
  readonly source: Source;
  /** `-M` says what the paths take: nothing else is believed of them. */
  readonly mtuIsGiven: boolean;
  /** Where copies leave this machine. */
  readonly inject: InjectWishes;
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
  if (!reader.isWhole) return { kind: 'refuse', faults: reader.faults };
  const source = readSource(reader, local);
  const { transfers, linkAddresses } = readTransfers(reader);
  const online = new Set(transfers.flatMap(({ onlineAddress }) => onlineAddress ?? []));
  if (source.kind === 'live') {
    for (const why of liveFaults(transfers, online, local.addresses)) reader.refuse('transfer', why);
    if (source.mirrored)
      for (const why of mirrorFaults(transfers, local.addresses)) reader.refuse('mirror', why);
  }
  const port = reader.parsed('port', 'a port from 1 to 65535', parsePort) ?? CONTROL_PORT;
  const servers = readIntercepts(reader, port);
  const own = servers.filter(({ host }) => {
    const address = parseAddress(host)!;
    return local.addresses.has(address) || (source.kind === 'live' && online.has(address));
  });
  if (own.length > 0 && own.length < servers.length)
    reader.faults.push(`-s mixes the online server's address ${own[0]!.host} with others`);
  const engineOptions = readEngineOptions(reader, transfers, local.smallestMtu_bytes);
  const elsewhere = own.length > 0 ? [] : servers;
  const ownSources = readOwnSources(reader, engineOptions, local.addresses, elsewhere);
  const engine = ownSources ? { ...engineOptions, own: ownSources } : engineOptions;
  const inject = readInjection(reader, source, linkAddresses, engine);
  for (const { long } of IDLE_SPECS.filter(({ value }) => value !== undefined))
    reader.whole(long, 0, 1_000_000);
  const common = readCommonOptions(reader, IDLE_SPECS, parseAddress);
  if (common.workers > 1) refuseUnshared(reader, source);
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
      source,
      mtuIsGiven: reader.has('mtu'),
      inject,
      serverReading: servers.length === 0 ? 'not-given' : listed ? 'intercepts' : 'own-address',
    },
  };
}

/** What several workers cannot do. */
function refuseUnshared(reader: OptionReader, source: Source): void {
  if (backendOf(source) === 'packages')
    reader.refuse('workers', 'shares out what comes from the kernel itself: not with --io packages');
  if (source.kind === 'replay' && source.files.includes(STANDARD_INPUT))
    reader.refuse('workers', 'has each worker read the capture: not standard input, which is read once only');
}

function readTransfers(reader: OptionReader): Transfers {
  const text = reader.text('transfer');
  if (text === undefined) {
    if (!reader.has('transfer')) reader.faults.push('-x is missing: it says what is copied where');
    return { transfers: [], linkAddresses: new Map(), faults: [] };
  }
  const parsed = parseTransfers(text);
  reader.faults.push(...parsed.faults);
  return parsed;
}

/** What is sent to the test server must not be captured as a client's. @param online addresses that are copied from */
function liveFaults(
  transfers: readonly Transfer[],
  online: ReadonlySet<number>,
  local: LocalMachine['addresses'],
): string[] {
  return transfers.flatMap(({ testAddress }) => {
    const named = `names ${formatAddress(testAddress)} as the test server, which is`;
    if (local.has(testAddress)) return [`${named} this machine itself`];
    return online.has(testAddress) ? [`${named} the online server`] : [];
  });
}

function readInjection(
  reader: OptionReader,
  source: Source,
  linkAddresses: InjectWishes['linkAddresses'],
  { own, transfers }: EngineOptions,
): InjectWishes {
  const device = reader.text('output-device');
  const atTheLink = device !== undefined || linkAddresses.size > 0;
  if (atTheLink && backendOf(source) === 'packages')
    reader.faults.push('-o and @mac send at the data link, which --io packages cannot');
  if (!own) return { device, linkAddresses };
  if (backendOf(source) === 'packages')
    reader.faults.push(
      '-c with an address of this machine sends at the data link, which --io packages cannot',
    );
  return { device, linkAddresses, linkOnly: [...new Set(transfers.map(({ testAddress }) => testAddress))] };
}
