/** intercept's command line. */
import { parseOwnCopies, type OwnCopies } from '../passlist/passlist';
import { ENDPOINTS_MAX } from '../control/frames';
import { CONTROL_PORT } from '../control/messages';
import {
  COMMON_SPECS,
  readCommonOptions,
  type CommonOptions,
  type IdleSpec,
} from '../process/common-options';
import { OptionReader } from '../process/option-reader';
import { formatHelp, type OptionSpec } from '../process/options';
import type { CaptureWishes } from '../capture/request';
import type { Command } from '../process/run';
import { VERSION } from '../process/version';
import { familyOf, formatAddress, parseAddress, type Address } from '../wire/address/address';
import { ROUTES_MAX, ROUTES_PER_PEER_DEFAULT } from '../routing/router';
import type { Nobody } from '../guard/canaries';
import { parseHost, parsePort, splitHost, type Endpoint } from '../wire/flow';
import { asBackend, type Backend } from '../kernel/backend';
import type { QueueOptions } from '../verdict/queue';
import { COMPARE_SPECS, readCompare } from './comparer/options';
import type { CompareOptions } from './comparer/wishes';

export interface InterceptOptions extends CommonOptions {
  /** Addresses that may use the test server directly. */
  readonly passlist: readonly number[];
  /** Ports of these that copies come from. */
  readonly ownCopies: readonly OwnCopies[];
  /** Ports whose rules it puts there itself; none where they are put by hand. */
  readonly guardedPorts: readonly number[];
  /** Where tcpcopy connects to; undefined for every address. */
  readonly bindAddress: string | undefined;
  readonly controlPort: number;
  /** Who may speak there; undefined for the passlist. */
  readonly peers: readonly Address[] | undefined;
  /** Test servers that it guards, besides this machine's own addresses; undefined where none are named. */
  readonly guarded: readonly Address[] | undefined;
  /** What one tcpcopy may copy to. */
  readonly peerEndpoints_max: number;
  /** Connections that one tcpcopy may have registered at a time. */
  readonly peerRoutes_max: number;
  /** Where tcpcopy takes it to be, besides where it is. */
  readonly names: readonly Endpoint[];
  /** By which means packets are caught. */
  readonly io: Backend;
  /** Addresses that nobody has, for the proof that responses are caught. */
  readonly canary: Nobody;
  /** How what the test server answers is compared; undefined where it is not. */
  readonly compare: CompareOptions | undefined;
  /** How responses are caught: on the test server, or where it routes them to. */
  readonly caught: ({ readonly by: 'queue' } & QueueOptions) | ({ readonly by: 'capture' } & CaptureWishes);
}

/** As in the original. */
const PASSLIST_MAX = 32;
/** Each is a rule, twice. */
const GUARDED_MAX = 100;

/** Each is proven in every round: more than anybody copies to, and little enough for a turn. */
const PEER_ENDPOINTS_DEFAULT = 256;

const CAUGHT = 'What is caught, on the test server';
const CAPTURED = 'What is caught, on an assistant that the test server routes its responses to';
const MEANS = 'How it is caught';
const CONTROL = 'Control channel';

/** Options of the original that have nothing to do here. */
const IDLE_SPECS: readonly IdleSpec[] = [
  {
    short: 'n',
    long: 'combined',
    value: 'headers',
    group: CONTROL,
    help: 'accepted; headers are combined as they come',
    reason: 'all headers that are caught in one turn leave in one write',
  },
  {
    short: 's',
    long: 'hash-size',
    value: 'entries',
    group: CONTROL,
    help: 'accepted; the table of routes grows as it needs to',
    reason: 'the table of routes grows as it needs to, and loses none',
  },
];

export const SPECS: readonly OptionSpec[] = [
  {
    short: 'x',
    long: 'passlist',
    value: 'ip,ip,…',
    group: CAUGHT,
    help: 'addresses that may use the test server directly; responses to all\nothers are dropped',
  },
  {
    long: 'own-copies',
    value: 'ip:port-port,…',
    group: CAUGHT,
    help: 'of these ports of an address of -x copies are sent (tcpcopy -c, --source-ports):\nresponses to them are dropped like all others',
  },
  {
    long: 'guard',
    value: 'port,…',
    group: CAUGHT,
    help: 'put the rules of these ports there, of both families, with a net behind them, put\nthem back when they are taken away, and take them away last',
  },
  {
    short: 'Q',
    long: 'queue',
    value: 'number',
    group: CAUGHT,
    help: 'NFQUEUE to listen on (default 0)',
  },
  {
    short: 'q',
    long: 'queue-length',
    value: 'packets',
    group: CAUGHT,
    help: 'packets that may wait in the queue (default: 16384; 1024 with --io packages)',
  },
  {
    short: 'i',
    long: 'device',
    value: 'device,…',
    group: CAPTURED,
    help: 'capture there (default with -F: all devices with an address)',
  },
  {
    short: 'F',
    long: 'filter',
    value: 'expression',
    group: CAPTURED,
    help: "the responses, as a filter of tcpdump's (default with -i: tcp)",
  },
  {
    long: 'io',
    value: 'packages|ring|auto',
    group: MEANS,
    help: 'how packets are caught (default auto: by the kernel itself, in batches, where\nit can be called, else by the packages nfqueue and cap)',
  },
  {
    long: 'canary',
    value: 'ip[,ip]',
    group: MEANS,
    help: "addresses that nobody has, for the proof that responses are caught (default on the\ntest server: 192.0.2.1 and 100::1, to which it needs a route; with -i or -F none:\ngive one of the clients' range)",
  },
  {
    short: 'b',
    long: 'bind',
    value: 'ip',
    group: CONTROL,
    help: 'address to listen on (default: all)',
  },
  {
    short: 'p',
    long: 'port',
    value: 'port',
    group: CONTROL,
    help: `port to listen on (default ${CONTROL_PORT})`,
  },
  {
    long: 'peers',
    value: 'ip,ip,…',
    group: CONTROL,
    help: 'addresses that tcpcopy may connect from: nobody else without --key-file, and with\nit before others (default: those of -x, or all)',
  },
  {
    long: 'name',
    value: 'ip:port,…',
    group: CONTROL,
    help: 'with --key-file: where tcpcopy takes it to be, if addresses are translated\non the way',
  },
  {
    long: 'guarded',
    value: 'ip,ip,…',
    group: CONTROL,
    help: "test servers that tcpcopy may copy to, besides this machine's own addresses\n(default with -i or -F: all)",
  },
  {
    long: 'peer-endpoints',
    value: 'number',
    group: CONTROL,
    help: `ports of test servers that one tcpcopy may copy to (default ${PEER_ENDPOINTS_DEFAULT})`,
  },
  {
    long: 'peer-routes',
    value: 'number',
    group: CONTROL,
    help: `connections that one tcpcopy may have registered at a time (default ${ROUTES_PER_PEER_DEFAULT})`,
  },
  ...COMPARE_SPECS,
  ...IDLE_SPECS,
  ...COMMON_SPECS,
];

export const SYNOPSIS = `intercept: catches the responses of a test server, tells tcpcopy their headers, and drops them.

On the test server it needs a rule that leads the responses to its queue, here of port 8080:
  iptables -I OUTPUT -p tcp --sport 8080 -j NFQUEUE
Where copies come over IPv6, the same of ip6tables, and a route for its proof:
  ip -6 route add 100::/64 dev lo
With --guard 8080 it puts these rules there itself.

With -i or -F it runs on an assistant, and captures at the data link what the test server routes there;
it is armed while the assistant lets no packets on (net.ipv4.ip_forward=0, net.ipv6.conf.all.forwarding=0).`;

export const EXAMPLES = [
  'intercept -x 198.18.10.20 -b 198.18.10.30 -d',
  'intercept --passlist 198.18.10.20,198.18.10.21',
  'intercept -x 198.18.10.20 --own-copies 198.18.10.20:61000-65535   copies come from there, too',
  'intercept -x 198.18.10.20 --guard 8080      no rule by hand',
  "intercept -i eth0 -F 'tcp and src port 8080' -d",
  'intercept doctor -x 198.18.10.20 --copied 8080     says why it does not work',
];

export function parseInterceptOptions(argv: readonly string[]): Command<InterceptOptions> {
  const reader = new OptionReader(SPECS, argv);
  if (reader.has('help')) return { kind: 'print', text: formatHelp(SYNOPSIS, SPECS, EXAMPLES) };
  if (reader.has('version')) return { kind: 'print', text: `intercept ${VERSION}\n` };
  if (!reader.isWhole) return { kind: 'refuse', faults: reader.faults };
  const passlist = readAddresses(reader, 'passlist');
  const ownCopies = readOwnCopies(reader, passlist);
  const guardedPorts = readGuard(reader);
  const bindAddress = reader.parsed('bind', 'an IP address', (text) => {
    const address = parseHost(text);
    return address === undefined ? undefined : formatAddress(address);
  });
  const controlPort = reader.parsed('port', 'a port from 1 to 65535', parsePort) ?? CONTROL_PORT;
  const peers = readAddresses(reader, 'peers');
  const guarded = readAddresses(reader, 'guarded');
  const peerEndpoints_max = reader.whole('peer-endpoints', 1, ENDPOINTS_MAX) ?? PEER_ENDPOINTS_DEFAULT;
  const peerRoutes_max = reader.whole('peer-routes', 1, ROUTES_MAX) ?? ROUTES_PER_PEER_DEFAULT;
  const names = readNames(reader);
  const io = reader.parsed('io', 'packages, ring or auto', asBackend) ?? 'auto';
  const canary = reader.parsed('canary', 'an IP address, or one of each family: ip,ip', parseNobody) ?? {};
  const caught = readCaught(reader);
  const compare = readCompare(reader, caught.by === 'queue' ? caught.number : undefined, io);
  for (const { long } of IDLE_SPECS) reader.whole(long, 0, 1_000_000);
  const common = readCommonOptions(reader, IDLE_SPECS, parseAddress);
  if (common.workers > 1) refuseUnshared(reader, common.workers, { io, caught, controlPort });
  if (reader.faults.length > 0) return { kind: 'refuse', faults: reader.faults };
  return {
    kind: 'run',
    options: {
      ...common,
      passlist,
      ownCopies,
      guardedPorts,
      bindAddress,
      controlPort,
      peers: reader.has('peers') ? peers : undefined,
      guarded: reader.has('guarded') ? guarded : undefined,
      peerEndpoints_max,
      peerRoutes_max,
      names,
      io,
      canary,
      compare,
      caught,
    },
  };
}

/** What several workers cannot do. */
function refuseUnshared(
  reader: OptionReader,
  workers: number,
  { io, caught, controlPort }: Pick<InterceptOptions, 'io' | 'caught' | 'controlPort'>,
): void {
  const refuse = (why: string): void => reader.refuse('workers', why);
  if (io === 'packages') refuse('shares out what the kernel itself brings: not with --io packages');
  if (reader.has('compare')) refuse('has no --compare: one worker has to see all that is compared');
  if (controlPort + workers - 1 > 0xffff)
    refuse(`takes as many ports from -p on, and behind ${controlPort} there are too few`);
  if (caught.by === 'capture') return;
  if (caught.number + workers - 1 > 0xffff)
    refuse(`takes as many queues from -Q on, and behind ${caught.number} there are too few`);
  // The kernel shares out by addresses (--queue-balance): what is sent to one address comes to one worker.
  if (reader.has('canary'))
    refuse('has no --canary but with -i or -F: each worker finds an address whose packets come to its queue');
  if (reader.has('own-copies'))
    refuse(
      'has no --own-copies: all that is sent to an address comes to one worker, and the others could not prove it',
    );
}

/** Options of the queue, all of which mean nothing where nothing is let on anyway. */
const QUEUE_ONLY = ['passlist', 'guard', 'queue', 'queue-length'];
/** What is answered to the online server itself is not routed here. */
const NOT_ROUTED =
  'is for the test server: with -i or -F what it answers to an address of the online server reaches that, whose kernel resets it; give tcpcopy -c addresses that nobody has';

function readCaught(reader: OptionReader): InterceptOptions['caught'] {
  const number = reader.whole('queue', 0, 65_535) ?? 0;
  const length = reader.whole('queue-length', 1, 1_000_000);
  if (!reader.has('device') && !reader.has('filter')) return { by: 'queue', number, length };
  if (reader.has('own-copies')) reader.refuse('own-copies', NOT_ROUTED);
  for (const long of QUEUE_ONLY.filter((name) => reader.has(name)))
    reader.refuse(long, 'is for the test server; with -i or -F nothing is let on that it could be about');
  return {
    by: 'capture',
    devices: reader.text('device')?.split(','),
    filter: reader.text('filter'),
    buffer_bytes: undefined,
    packetMax_bytes: undefined,
  };
}

/** At most one of each family. */
function parseNobody(text: string): Nobody | undefined {
  const addresses = text.split(',').map(parseHost);
  const known = addresses.filter((address) => address !== undefined);
  const families = new Map(known.map((address) => [familyOf(address), address]));
  return families.size === addresses.length ? Object.fromEntries(families) : undefined;
}

function readAddresses(reader: OptionReader, long: 'passlist' | 'peers' | 'guarded'): readonly Address[] {
  const parts = reader.text(long)?.split(',') ?? [];
  if (parts.length > PASSLIST_MAX)
    reader.refuse(long, `takes at most ${PASSLIST_MAX} addresses, not ${parts.length}`);
  return parts.flatMap((part) => {
    const address = parseHost(part);
    if (address !== undefined) return [address];
    reader.refuse(long, `takes IP addresses without a zone, not ${JSON.stringify(part)}`);
    return [];
  });
}

function readNames(reader: OptionReader): readonly Endpoint[] {
  const parts = reader.text('name')?.split(',') ?? [];
  if (parts.length > 0 && !reader.has('key-file'))
    reader.refuse('name', 'says something with --key-file only');
  return parts.flatMap((part) => {
    const { host = '', behind = '' } = splitHost(part) ?? {};
    const address = parseAddress(host);
    const port = parsePort(behind);
    if (address !== undefined && port !== undefined) return [{ address, port }];
    reader.refuse('name', `takes ip:port,… (an IPv6 address in brackets), not ${JSON.stringify(part)}`);
    return [];
  });
}

function readGuard(reader: OptionReader): readonly number[] {
  const parts = reader.text('guard')?.split(',') ?? [];
  if (parts.length > GUARDED_MAX)
    reader.refuse('guard', `takes at most ${GUARDED_MAX} ports, not ${parts.length}`);
  const ports = parts.flatMap((part) => {
    const port = parsePort(part);
    if (port !== undefined) return [port];
    reader.refuse('guard', `takes ports from 1 to 65535, not ${JSON.stringify(part)}`);
    return [];
  });
  return [...new Set(ports)];
}

function readOwnCopies(reader: OptionReader, passlist: readonly number[]): readonly OwnCopies[] {
  const parts = reader.text('own-copies')?.split(',') ?? [];
  if (parts.length > PASSLIST_MAX)
    reader.refuse('own-copies', `takes at most ${PASSLIST_MAX} ranges, not ${parts.length}`);
  return parts.flatMap((part) => {
    const ownCopies = parseOwnCopies(part);
    if (!ownCopies) {
      reader.refuse(
        'own-copies',
        `takes ip:port-port,… (an IPv6 address in brackets), not ${JSON.stringify(part)}`,
      );
      return [];
    }
    const address = formatAddress(ownCopies.address);
    // Where nothing is let through the range says nothing; a mistyped address would let copies' answers through.
    if (!passlist.includes(ownCopies.address))
      reader.refuse(
        'own-copies',
        `names ${address}, which is not on -x: everything that goes there is dropped anyway`,
      );
    return [ownCopies];
  });
}
