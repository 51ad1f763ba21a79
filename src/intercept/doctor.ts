/** `intercept doctor`: what the test server, or the assistant, shows. */
import { openCapture } from '../capture/open';
import { packetsForOthers } from '../capture/request';
import { copiedPortsFrom } from '../doctor/collect/copied-ports';
import { collectMachine, connectionsOf, reversePathDropped, wayTo } from '../doctor/collect/machine';
import { diagnose } from '../doctor/diagnosis';
import type { Canary, ClientProbe, CopiedPort, InterceptFacts, MachineFacts, Way } from '../doctor/facts';
import { familyOfText, ofFamily } from '../doctor/families';
import { interceptChecks } from '../doctor/intercept-checks';
import type { Doctor } from '../doctor/run';
import { familiesOf } from '../doctor/machine-checks';
import type { Wishes } from '../doctor/wishes';
import { portsLedToQueues } from '../firewall/guard-rules';
import { forwardingSettings } from '../kernel/forwarding';
import { localAddresses } from '../kernel/netlink/local-addresses';
import { compileFilter, filterMatches } from '../kernel/filter/pcap-filter';
import { familyOf, formatAddress, type Family, FAMILIES } from '../wire/address/address';
import { interceptProgram } from './program';
import { NOBODY } from './replies/reply-queue';
import { sampleResponse } from './sample-response';
import type { InterceptOptions } from './options';

export const interceptDoctor: Doctor<InterceptOptions> = {
  program: 'intercept',
  specs: [
    {
      long: 'copied',
      value: '[ip:]port,…',
      group: 'Doctor',
      help: 'ports of the test server that are copied to (default: those of the rules,\nor of the filter); an IPv6 address stands in brackets',
    },
    {
      long: 'client',
      value: 'ip,…',
      group: 'Doctor',
      help: 'clients to ask the routes for (default: some that are connected)',
    },
  ],
  examples: [
    'intercept doctor -x 198.18.10.20 -b 198.18.10.30 --copied 8080 --client 198.18.10.10',
    'intercept doctor -x 2001:2::20 --copied [2001:2::30]:8080',
    "intercept doctor -i eth0 -F 'tcp and src port 8080'",
  ],
  parse: (argv) => interceptProgram.parse(argv),
  diagnose: async (options, wishes) => diagnose(interceptChecks, await factsFor(options, wishes)),
};

type Capture = Extract<InterceptOptions['caught'], { by: 'capture' }>;

async function factsFor(options: InterceptOptions, wishes: Wishes): Promise<InterceptFacts> {
  const machine = await collectMachine();
  const copied = copiedIn(options, wishes, machine);
  const own = localAddresses().single.map(({ text }) => text);
  // What a rule excepts must not be where copies come from.
  const copiesFrom = new Set(options.ownCopies.map(({ address }) => address));
  const passlist = [
    ...options.passlist.filter((address) => !copiesFrom.has(address)).map(formatAddress),
    ...own,
  ];
  const [caught, clients, canaries] = await Promise.all([
    options.caught.by === 'queue'
      ? ({ by: 'queue', queue: options.caught.number } as const)
      : captured(options.caught, copied, wishes.watch_ms),
    options.caught.by === 'queue' ? probeClients(machine, wishes.clients, copied, passlist) : [],
    options.caught.by === 'queue' ? probeCanaries(options, copied) : [],
  ]);
  return {
    machine,
    workers: options.workers,
    caught,
    passlist,
    bindAddress: options.bindAddress,
    controlPort: options.controlPort,
    copied,
    guardedPorts: options.guardedPorts,
    portsNamed: wishes.copied !== undefined,
    clients,
    canaries,
    reversePathDropped: reversePathDropped(),
  };
}

function copiedIn(
  options: InterceptOptions,
  { copied, clients }: Wishes,
  machine: MachineFacts,
): CopiedPort[] {
  const { bindAddress, canary, caught, guardedPorts: guarded, passlist } = options;
  const led = (family: Family): number[] => portsLedToQueues(machine.rules[family] ?? {});
  const caughtPorts =
    caught.by === 'queue'
      ? [...guarded, ...FAMILIES.flatMap(led)]
      : [...(caught.filter ?? '').matchAll(/src port (\d+)/g)].map(([, port]) => Number(port));
  const named = copied ?? caughtPorts.map((port) => ({ address: undefined, port }));
  const [first] = familiesOf(machine);
  const lets = (port: number, family: Family): boolean =>
    caught.by === 'capture' && isLetThrough(packetsForOthers(caught).filter, { port, family });
  return copiedPortsFrom(named, {
    told: [
      ...clients.map(familyOfText),
      ...Object.values(canary).map(familyOf),
      ...(guarded.length > 0 ? passlist.map(familyOf) : []),
    ],
    guarded,
    isCaught: (port, family) => led(family).includes(port) || lets(port, family),
    otherwise: bindAddress === undefined ? first! : familyOfText(bindAddress),
  });
}

async function captured(wishes: Capture, copied: readonly CopiedPort[], watch_ms: number) {
  const request = packetsForOthers(wishes);
  const filterFault = faultOf(request.filter);
  return {
    by: 'capture',
    devices: request.devices,
    filter: request.filter,
    filterFault,
    matched: copied.filter((one) => isLetThrough(request.filter, one)),
    forwarding: forwardingNow(),
    packets: filterFault === undefined ? await countPackets(wishes, watch_ms) : undefined,
    watched_ms: watch_ms,
  } as const;
}

function isLetThrough(filter: string, { port, family }: CopiedPort): boolean {
  return faultOf(filter) === undefined && filterMatches(filter, sampleResponse(port, family));
}

function faultOf(filter: string): string | undefined {
  try {
    compileFilter(filter);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function forwardingNow(): Record<Family, readonly string[]> | undefined {
  try {
    return { 4: forwardingSettings(4), 6: forwardingSettings(6) };
  } catch {
    return undefined;
  }
}

/** What comes in for others. Undefined when it cannot be captured. */
async function countPackets(wishes: Capture, watch_ms: number): Promise<number | undefined> {
  let packets = 0;
  try {
    const capture = openCapture('auto', packetsForOthers(wishes), {
      segment: () => void (packets += 1),
      lost: () => undefined,
      found: () => undefined,
    });
    await new Promise((resolve) => setTimeout(resolve, watch_ms));
    capture.close();
    return packets;
  } catch {
    return undefined;
  }
}

const PROBES_MAX = 3;
/** Addresses that nobody has (RFC 5737, RFC 3849): they stand for clients from anywhere. */
const STRANGERS = { 4: '203.0.113.1', 6: '2001:db8::1' };

async function probeClients(
  machine: MachineFacts,
  named: readonly string[],
  copied: readonly CopiedPort[],
  passlist: readonly string[],
): Promise<ClientProbe[]> {
  if (named.length > 0) return Promise.all(named.map((client) => probe(machine, client, false)));
  const seen = (await connectionsOf([...new Set(copied.map(({ port }) => port))])) ?? [];
  const connected = [...new Set(seen.map(({ peer }) => peer))].filter((peer) => !passlist.includes(peer));
  const families = new Set(copied.map(({ family }) => family));
  const probes = [...families].flatMap((family) => {
    const known = ofFamily(family, connected).slice(0, PROBES_MAX);
    return known.length > 0
      ? known.map((client) => probe(machine, client, false))
      : [probe(machine, STRANGERS[family], true)];
  });
  return Promise.all(probes);
}

/** IPv4's canaries are sent by the device that has the copied address. */
function probeCanaries({ canary }: InterceptOptions, copied: readonly CopiedPort[]): Promise<Canary[]> {
  if (!copied.some(({ family }) => family === 6)) return Promise.resolve([]);
  const address = formatAddress(canary[6] ?? NOBODY[6]);
  return wayTo(address).then((way) => [{ address, way }]);
}

/** Asks the kernel's routing as for a packet that comes in by the device of this machine's first address. */
async function probe({ devices }: MachineFacts, client: string, stranger: boolean): Promise<ClientProbe> {
  const outer = devices.find(
    ({ loopback, up, addresses }) => !loopback && up && ofFamily(4, addresses).length > 0,
  );
  const back = await wayTo(client);
  if (familyOfText(client) === 6)
    return { client, stranger, back, comesIn: 'yes', device: outer?.name ?? 'lo' };
  if (!outer) return { client, stranger, back, comesIn: 'unknown', device: 'lo' };
  const [own] = ofFamily(4, outer.addresses);
  const incoming = await wayTo(own!, 'from', client, 'iif', outer.name);
  const filtered = outer.reversePathFilter > 0 && REFUSED.test(reasonOf(incoming));
  const comesIn = incoming.kind !== 'nowhere' ? 'yes' : filtered ? 'reverse-path-filter' : 'unknown';
  return { client, stranger, back, comesIn, device: outer.name };
}

/** EXDEV, or EINVAL since Linux 6.13: the source is refused (net/ipv4/route.c, ip_route_input_slow). */
const REFUSED = /cross-device|invalid argument/i;

const reasonOf = (way: Way): string => (way.kind === 'nowhere' ? way.reason : '');
