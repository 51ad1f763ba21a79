/** `intercept doctor`: what the test server, or the assistant, shows. */
import { openCapture } from '../capture/open';
import { packetsForOthers } from '../capture/request';
import { collectMachine, connectionsOf, reversePathDropped, wayTo } from '../doctor/collect/machine';
import { diagnose } from '../doctor/diagnosis';
import type { ClientProbe, InterceptFacts, MachineFacts, Way } from '../doctor/facts';
import { interceptChecks } from '../doctor/intercept-checks';
import type { Doctor } from '../doctor/run';
import type { Wishes } from '../doctor/wishes';
import { portsLedToQueues } from '../firewall/guard-rules';
import { forwardingSettings } from '../kernel/forwarding';
import { localAddresses } from '../kernel/netlink/local-addresses';
import { compileFilter, filterMatches } from '../kernel/filter/pcap-filter';
import { formatAddress } from '../wire/address/address';
import { interceptProgram } from './program';
import { sampleResponse } from './sample-response';
import type { InterceptOptions } from './options';

export const interceptDoctor: Doctor<InterceptOptions> = {
  program: 'intercept',
  specs: [
    {
      long: 'copied',
      value: 'port,…',
      group: 'Doctor',
      help: 'ports of the test server that are copied to (default: those of the rules,\nor of the filter)',
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
    "intercept doctor -i eth0 -F 'tcp and src port 8080'",
  ],
  parse: (argv) => interceptProgram.parse(argv),
  diagnose: async (options, wishes) => diagnose(interceptChecks, await factsFor(options, wishes)),
};

type Capture = Extract<InterceptOptions['caught'], { by: 'capture' }>;

async function factsFor(options: InterceptOptions, wishes: Wishes): Promise<InterceptFacts> {
  const machine = await collectMachine();
  const copiedPorts = wishes.copied ?? copiedPortsIn(options, machine);
  const own = localAddresses().single.map(({ text }) => text);
  // What a rule excepts must not be where copies come from.
  const copiesFrom = new Set(options.ownCopies.map(({ address }) => address));
  const passlist = [
    ...options.passlist.filter((address) => !copiesFrom.has(address)).map(formatAddress),
    ...own,
  ];
  const [caught, clients] = await Promise.all([
    options.caught.by === 'queue'
      ? ({ by: 'queue', queue: options.caught.number } as const)
      : captured(options.caught, copiedPorts, wishes.watch_ms),
    options.caught.by === 'queue' ? probeClients(machine, wishes.clients, copiedPorts, passlist) : [],
  ]);
  return {
    machine,
    caught,
    passlist,
    bindAddress: options.bindAddress,
    controlPort: options.controlPort,
    copiedPorts,
    portsNamed: wishes.copied !== undefined,
    clients,
    reversePathDropped: reversePathDropped(),
  };
}

function copiedPortsIn({ caught }: InterceptOptions, { rules }: MachineFacts): number[] {
  if (caught.by === 'queue') return rules ? portsLedToQueues(rules) : [];
  const named = [...(caught.filter ?? '').matchAll(/src port (\d+)/g)].map(([, port]) => Number(port));
  return [...new Set(named)];
}

async function captured(wishes: Capture, ports: readonly number[], watch_ms: number) {
  const request = packetsForOthers(wishes);
  const filterFault = faultOf(request.filter);
  return {
    by: 'capture',
    devices: request.devices,
    filter: request.filter,
    filterFault,
    matchedPorts:
      filterFault === undefined
        ? ports.filter((port) => filterMatches(request.filter, sampleResponse(port)))
        : [],
    forwarding: forwardingNow(),
    packets: filterFault === undefined ? await countPackets(wishes, watch_ms) : undefined,
    watched_ms: watch_ms,
  } as const;
}

function faultOf(filter: string): string | undefined {
  try {
    compileFilter(filter);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function forwardingNow(): readonly string[] | undefined {
  try {
    return forwardingSettings();
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
/** An address that nobody has (RFC 5737): it stands for clients from anywhere. */
const STRANGER = '203.0.113.1';

async function probeClients(
  machine: MachineFacts,
  named: readonly string[],
  ports: readonly number[],
  passlist: readonly string[],
): Promise<ClientProbe[]> {
  const seen = named.length > 0 ? [] : ((await connectionsOf(ports)) ?? []);
  const connected = seen.flatMap(({ peer }) => (peer === undefined || passlist.includes(peer) ? [] : [peer]));
  const known = [...new Set([...named, ...connected])].slice(0, Math.max(named.length, PROBES_MAX));
  const probes = known.length > 0 ? known : [STRANGER];
  return Promise.all(probes.map((client) => probe(machine, client, known.length === 0)));
}

/** Asks the kernel's routing as for a packet that comes in by the device of this machine's first address. */
async function probe({ devices }: MachineFacts, client: string, stranger: boolean): Promise<ClientProbe> {
  const outer = devices.find(({ loopback, up, addresses }) => !loopback && up && addresses.length > 0);
  const back = await wayTo(client);
  if (!outer) return { client, stranger, back, comesIn: 'unknown', device: 'lo' };
  const incoming = await wayTo(outer.addresses[0]!, 'from', client, 'iif', outer.name);
  const filtered = outer.reversePathFilter > 0 && REFUSED.test(reasonOf(incoming));
  const comesIn = incoming.kind !== 'nowhere' ? 'yes' : filtered ? 'reverse-path-filter' : 'unknown';
  return { client, stranger, back, comesIn, device: outer.name };
}

/** EXDEV, or EINVAL since Linux 6.13: the source is refused (net/ipv4/route.c, ip_route_input_slow). */
const REFUSED = /cross-device|invalid argument/i;

const reasonOf = (way: Way): string => (way.kind === 'nowhere' ? way.reason : '');
