/** What this machine lacks, and for which topology. */
import { ok, unknown, wrong, type Check, type Finding } from '../../src/doctor/diagnosis';
import { contains, familyAt, formatSubnet, overlap, parseSubnet } from '../topology/addresses';
import { labRangeFor } from '../topology/relocate';
import { subnetsOf } from '../topology/subnets';
import type { Topology } from '../topology/types';
import { futureLabFindings, runningLabFindings } from './bridge-firewall';
import type { LabCause } from './causes';
import type { HostFacts } from './host-facts';
import { versionFinding } from './versions';

type HostCheck = Check<HostFacts, LabCause>;

const engine: HostCheck = {
  id: 'engine',
  find({ engine: survey, engineFault }) {
    if (!survey)
      return [
        wrong(
          'engine-unreachable',
          engineFault ?? 'no Docker engine answers',
          'make bootstrap, or set DOCKER_HOST',
        ),
      ];
    return [versionFinding(survey)];
  },
};

const packages: HostCheck = {
  id: 'packages',
  find: ({ missingPackages }) => [
    missingPackages.length === 0
      ? ok('all npm packages of the images are there')
      : wrong(
          'packages-missing',
          `npm left out ${missingPackages.join(', ')}`,
          'npm ci --include=optional (64-bit x86 Linux)',
        ),
  ],
};

const images: HostCheck = {
  id: 'images',
  find({ engine: survey, hasMmdebstrap }) {
    if (!survey) return [];
    const { missingImages } = survey;
    if (missingImages.length === 0) return [ok('the image of the nodes is there')];
    const evidence = `images not built yet: ${missingImages.join(', ')}`;
    if (!missingImages.includes('base') || hasMmdebstrap) return [ok(`${evidence}; lab up builds them`)];
    return [
      unknown(
        `${evidence}; debian:bookworm-slim must be pulled, for mmdebstrap is not here to make a base image`,
        'make bootstrap, or docker load an image of debian:bookworm-slim',
      ),
    ];
  },
};

/** What a first build writes, with room to spare. */
const DISK_NEEDED_BYTES = 3 * 2 ** 30;
const DISK_LEAST_BYTES = 2 ** 29;

const disk: HostCheck = {
  id: 'disk',
  find({ engine: survey }) {
    if (survey?.free_bytes === undefined) return [];
    const { free_bytes, missingImages } = survey;
    const needed_bytes = missingImages.length > 0 ? DISK_NEEDED_BYTES : DISK_LEAST_BYTES;
    const evidence = `${gib(free_bytes)} GiB free where the engine keeps its images, ${gib(needed_bytes)} needed`;
    return [
      free_bytes >= needed_bytes
        ? ok(evidence)
        : wrong('disk-full', evidence, 'docker image prune, or a larger disk'),
    ];
  },
};

const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);

const needsQueue = ({ copies }: Topology): boolean =>
  copies.some(({ architecture }) => architecture !== 'data-link');

const queue: HostCheck = {
  id: 'nfqueue',
  find({ kernel: { queueRule, iptables }, topologies }) {
    const names = topologies.filter(needsQueue).map(({ name }) => name);
    if (names.length === 0) return [];
    const whom = `for ${names.join(', ')}`;
    switch (queueRule.kind) {
      case 'works':
        return [ok(`a rule with NFQUEUE can be made (${iptables ?? 'iptables'}), ${whom}`)];
      case 'not-asked':
        return [unknown(`whether the kernel has NFQUEUE was not asked: ${queueRule.reason} (${whom})`)];
      case 'fails':
        return [
          wrong(
            'nfqueue-missing',
            `no rule with NFQUEUE can be made, ${whom}: ${queueRule.reason}`,
            'modprobe xt_NFQUEUE nfnetlink_queue, or another kernel; the data-link topologies need none',
          ),
        ];
    }
  },
};

const packetSockets: HostCheck = {
  id: 'packet-sockets',
  find: ({ kernel }) => [
    kernel.packetSockets
      ? ok('the kernel has packet sockets')
      : wrong(
          'packet-sockets-missing',
          'there is no /proc/net/packet',
          'modprobe af_packet, or another kernel',
        ),
  ],
};

const subnets: HostCheck = {
  id: 'subnets',
  find: ({ engine: survey, topologies }) =>
    survey
      ? topologies.flatMap((topology) =>
          subnetsOf(topology).map(({ network, subnet }): Finding<LabCause> => {
            const { name } = topology;
            const holders = survey.occupied.filter((other) => overlap(parseSubnet(subnet)!, other.subnet));
            const foreign = holders.find(({ lab }) => lab === undefined);
            if (foreign)
              return wrong(
                'subnet-taken',
                `${name}: ${subnet} (${network}) is in use by ${foreign.by} (${formatSubnet(foreign.subnet)})`,
                `lab up ${name} --subnet <another of ${formatSubnet(labRangeFor(parseSubnet(subnet)!))}>`,
              );
            if (holders[0])
              return ok(`${name}: ${subnet} belongs to ${holders[0].by}; another lab would move`);
            return ok(`${name}: ${subnet} is free`);
          }),
        )
      : [],
};

const bridgeFilter: HostCheck = {
  id: 'bridge-filter',
  find({ bridgesAskIptables, topologies }) {
    if (!bridgesAskIptables) return [ok('bridges of this machine ask no firewall')];
    const outside = topologies.find((topology) => sourcesOutside(topology).length > 0);
    if (!outside) return [ok('bridges ask the firewall; all addresses are within their networks')];
    return [
      wrong(
        'bridge-drops-sources',
        `${outside.name}: ${sourcesOutside(outside).join(', ')} outside its network, and bridges ask the firewall, which drops that`,
        'give clients and copies addresses of their network, or sysctl -w net.bridge.bridge-nf-call-iptables=0',
      ),
    ];
  },
};

function sourcesOutside({ networks, nodes }: Topology): string[] {
  return Object.values(nodes).flatMap(({ network, sources }) => {
    const range = sources === undefined ? undefined : parseSubnet(sources);
    // Bridges ask the firewall of IPv4 only, as Docker has it.
    if (!range || familyAt(range.base) === 6) return [];
    return contains(parseSubnet(networks[network]!.subnet)!, range.base) ? [] : [sources!];
  });
}

const bridgePaths: HostCheck = {
  id: 'bridge-paths',
  find({ engine: survey, firewall, topologies }) {
    if (!firewall)
      return [
        unknown('the firewall of this machine cannot be read here', 'ask as root, where the engine runs'),
      ];
    const labs = survey?.labs ?? [];
    const running = labs.flatMap(({ name, topology, bridges }) =>
      runningLabFindings(firewall, { ...topology, name }, (network) => bridges.get(network) ?? ''),
    );
    const future = topologies
      .filter(({ name }) => !labs.some(({ topology }) => topology.name === name))
      .flatMap((topology) => futureLabFindings(firewall, topology));
    const findings = [...running, ...future.slice(0, 1)];
    return findings.length > 0 ? findings : [ok('the firewall of this machine lets labs alone')];
  },
};

/** Of a machine whose lab stands on engines that were named: what it builds, and the subnets of these. */
export const builderChecks: readonly HostCheck[] = [packages, images, disk, subnets];

export const hostChecks: readonly HostCheck[] = [
  engine,
  packages,
  images,
  disk,
  packetSockets,
  queue,
  subnets,
  bridgeFilter,
  bridgePaths,
];
