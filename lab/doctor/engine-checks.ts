/** What is wrong with engines that a lab is to span, and between their machines. */
import { ok, unknown, wrong, type Check, type Finding } from '../../src/doctor/diagnosis';
import type { LabCause } from './causes';
import {
  TUNNEL_BYTES,
  type EngineFacts,
  type EnginesFacts,
  type Feature,
  type PortFate,
  type SwarmPort,
  type WayFacts,
} from './engine-facts';
import { versionFinding } from './versions';

type EngineCheck = Check<EnginesFacts, LabCause>;

const answering = ({ engines }: EnginesFacts): EngineFacts[] =>
  engines.filter(({ fault }) => fault === undefined);

const engines: EngineCheck = {
  id: 'engines',
  find: (facts) =>
    facts.engines.map(({ name, address, fault, survey }) =>
      survey
        ? versionFinding(survey, `${name}: `)
        : wrong(
            'engine-unreachable',
            `${name}: no Docker engine answers at ${address}: ${fault}`,
            `start it, correct its address, or leave ${name} out`,
          ),
    ),
};

const architectures: EngineCheck = {
  id: 'architectures',
  find(facts) {
    const [first, ...others] = answering(facts);
    if (!first || others.length === 0) return [];
    const expected = first.survey!.architecture;
    const odd = others.filter(({ survey }) => survey!.architecture !== expected);
    if (odd.length === 0) return [ok(`${facts.engines.length} machines are ${expected}, as the image is`)];
    return odd.map(({ name, survey }) =>
      wrong(
        'architectures-differ',
        `${name} is ${survey!.architecture}, and ${first.name} is ${expected}: nodes have one image`,
        `a machine of ${expected} in the place of ${name}`,
      ),
    );
  },
};

const swarm: EngineCheck = {
  id: 'swarm',
  find(facts) {
    const [first, ...others] = answering(facts);
    if (!first || others.length === 0) return [];
    const join = `docker -H ${first.address} swarm join-token worker says how; or lab up --init-swarm`;
    if (!first.swarm!.isManager)
      return [
        wrong(
          'swarm-missing',
          `${first.name}, the first, is no manager of a swarm (${first.swarm!.state})`,
          `docker -H ${first.address} swarm init --advertise-addr <its address>; or lab up --init-swarm`,
        ),
      ];
    const of6 = [first, ...others].filter((engine) => engine.swarm!.address.includes(':'));
    if (of6.length > 0)
      return of6.map(({ name, address, swarm: own }) =>
        wrong(
          'swarm-missing',
          `${name} is in its swarm by ${own!.address}: the tunnels of labs need IPv4 between machines`,
          `docker -H ${address} swarm leave, then join again with --advertise-addr <its IPv4 address>`,
        ),
      );
    return others.map(({ name, address, swarm: own }): Finding<LabCause> => {
      const { state, id } = own!;
      const leave = `docker -H ${address} swarm leave`;
      if (state !== 'active')
        return wrong('swarm-missing', `${name} is in no swarm (${state})`, `on ${name}: ${join}`);
      const standing = first.swarm!.members[id];
      if (standing === undefined)
        return wrong(
          'swarm-differs',
          `${name} is in another swarm than ${first.name}`,
          `${leave}, then ${join}`,
        );
      if (standing !== 'ready')
        return wrong(
          'swarm-differs',
          `${name} is a node of ${first.name}'s swarm that is ${standing} by its word`,
          `open the ports of a swarm between both (see swarm-ports), or ${leave} and join again`,
        );
      return ok(`${name} is in the swarm of ${first.name}`);
    });
  },
};

const FEATURES: Readonly<Record<Feature, { cause: LabCause; what: string; mend: string }>> = {
  nfqueue: {
    cause: 'nfqueue-missing',
    what: 'no rule with NFQUEUE can be made',
    mend: 'modprobe xt_NFQUEUE nfnetlink_queue',
  },
  'packet-sockets': {
    cause: 'packet-sockets-missing',
    what: 'there are no packet sockets',
    mend: 'modprobe af_packet',
  },
  vxlan: { cause: 'vxlan-missing', what: 'no VXLAN device can be made', mend: 'modprobe vxlan' },
};

const kernels: EngineCheck = {
  id: 'kernels',
  find(facts) {
    const asked = answering(facts).filter(({ features }) => features !== undefined);
    const missing = asked.flatMap((engine) => missingOn(engine, asked));
    if (missing.length > 0 || asked.length === 0) return missing;
    const kernelsOf = asked.map(({ name, survey }) => `${name} ${survey!.kernel}`).join(', ');
    return [ok(`the kernels have NFQUEUE, packet sockets and VXLAN (${kernelsOf})`)];
  },
};

function missingOn(
  { name, survey, features }: EngineFacts,
  all: readonly EngineFacts[],
): Finding<LabCause>[] {
  return Object.entries(features!).flatMap(([feature, tried]) => {
    if (tried.kind !== 'fails') return [];
    const { cause, what, mend } = FEATURES[feature as Feature];
    const elsewhere = all.filter((one) => one.features![feature as Feature].kind === 'works');
    const others = elsewhere.length > 0 ? `; ${elsewhere.map((one) => one.name).join(' and ')} can` : '';
    return [
      wrong(
        cause,
        `${name} (kernel ${survey!.kernel}): ${what}: ${tried.reason}${others}`,
        `on ${name}: ${mend}, or another kernel`,
      ),
    ];
  });
}

/** What a port is for. */
const MEANING: Readonly<Record<SwarmPort, string>> = {
  '2377/tcp': 'engines join the swarm by it',
  '7946/tcp': 'engines tell each other of networks by it',
  '7946/udp': 'engines tell each other of networks by it',
  '4789/udp': 'the tunnels of networks',
};

const ports: EngineCheck = {
  id: 'swarm-ports',
  find: ({ ways }) =>
    ways.flatMap((way) => {
      const asked = Object.entries(way.ports) as [SwarmPort, PortFate][];
      const blocked = asked.filter(([, fate]) => fate !== 'came');
      if (blocked.length > 0) return blocked.map(([port, fate]) => blockedFinding(way, port, fate));
      return [
        ok(
          `from ${way.from} to ${way.to} (${way.address}): ${asked.map(([port]) => port).join(', ')} are open`,
        ),
      ];
    }),
};

function blockedFinding({ from, to, address }: WayFacts, port: SwarmPort, fate: PortFate): Finding<LabCause> {
  const [number, protocol] = port.split('/') as [string, string];
  const iptables = address.includes(':') ? 'ip6tables' : 'iptables';
  const accept = (chain: string): string =>
    `${iptables} -I ${chain} -p ${protocol} --dport ${number} -j ACCEPT`;
  const said = (what: string, mend: string): Finding<LabCause> =>
    wrong('swarm-port-blocked', `${port} (${MEANING[port]}): ${what}`, mend);
  switch (fate) {
    case 'stopped':
      return said(
        `what ${from} sends comes to ${to} (${address}), and the firewall of ${to} takes it away`,
        `on ${to}: ${accept('INPUT')}`,
      );
    case 'refused':
      return said(
        `the firewall of ${from} lets nothing out to ${to} (${address})`,
        `on ${from}: ${accept('OUTPUT')}`,
      );
    case 'unanswered':
      return said(
        `what ${from} sends comes to ${to} (${address}), and no answer comes back`,
        `let answers pass from ${to} to ${from}: OUTPUT on ${to}, INPUT on ${from}, and what is between`,
      );
    case 'lost':
    case 'came':
      return said(
        `what ${from} sends never comes to ${to} (${address})`,
        `open ${port} on the way from ${from} to ${to}: OUTPUT on ${from}, and firewalls or security groups between`,
      );
  }
}

const mtu: EngineCheck = {
  id: 'path-mtu',
  find: ({ ways }) =>
    ways.flatMap((way) => {
      const { from, to, carried_bytes, device } = way;
      if (!device)
        return [
          wrong(
            'path-mtu-small',
            `${from} has no route to ${to} (${way.address})`,
            `on ${from}: ip route add ${way.address} …`,
          ),
        ];
      // Where no tunnel passes at all, that is what is to be mended.
      if (carried_bytes === undefined) return [];
      if (carried_bytes >= TUNNEL_BYTES)
        return [ok(`from ${from} to ${to} packets of ${TUNNEL_BYTES} bytes pass, as tunnels need`)];
      const evidence = `from ${from} to ${to} packets of at most ${carried_bytes} bytes pass; tunnels need ${TUNNEL_BYTES}`;
      return [
        device.mtu_bytes < TUNNEL_BYTES
          ? wrong(
              'path-mtu-small',
              `${evidence}: ${device.name} on ${from} has an MTU of ${device.mtu_bytes}`,
              `on ${from}: ip link set ${device.name} mtu ${TUNNEL_BYTES}`,
            )
          : wrong(
              'path-mtu-small',
              `${evidence}, and ${device.name} on ${from} would send more: it is between, or at ${to}`,
              `an MTU of ${TUNNEL_BYTES} on the whole way from ${from} to ${to}`,
            ),
      ];
    }),
};

/** Verifications align clocks themselves; people who read logs do not. */
const APART_MS = 1_000;

const clocks: EngineCheck = {
  id: 'clocks',
  find: (facts) =>
    facts.clocks.map(({ engine, reference, reading: { ahead_ms, error_ms } }) => {
      const side = ahead_ms < 0 ? 'behind' : 'ahead of';
      const evidence = `the clock of ${engine} is ${Math.abs(ahead_ms).toFixed(1)} ms ${side} that of ${reference}, ± ${error_ms.toFixed(1)} ms`;
      if (Math.abs(ahead_ms) - error_ms <= APART_MS) return ok(evidence);
      return wrong('clocks-apart', evidence, `on ${engine} and ${reference}: timedatectl set-ntp true`);
    }),
};

const unprobed: EngineCheck = {
  id: 'machines',
  find: ({ notProbed, nowhere }) => [
    ...(notProbed
      ? [unknown(`ports, MTUs, clocks and kernels were not asked: ${notProbed.reason}`, notProbed.mend)]
      : []),
    ...nowhere.map((name) =>
      unknown(
        `by which address others reach ${name} is not known: ports and MTUs were not asked`,
        `bring ${name} into the swarm: docker swarm join --advertise-addr <address>`,
      ),
    ),
  ],
};

export const engineChecks: readonly EngineCheck[] = [
  engines,
  architectures,
  kernels,
  ports,
  swarm,
  mtu,
  clocks,
  unprobed,
];
