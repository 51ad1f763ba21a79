/**
 * Whether the firewall of this machine lets a lab's packets pass between two ports of a bridge. Where it is asked, its
 * connection tracking sees what copies say, and never an answer: behind the SYN it calls that invalid.
 */
import { unknown, wrong, type Finding } from '../../src/doctor/diagnosis';
import { fateOf, type Policy } from '../../src/firewall/fate';
import { acrossBridge, type FlowState } from '../../src/firewall/flow';
import type { Rule, RuleSet } from '../../src/firewall/iptables-save';
import { exceptionFor, printedCause, removalOf } from '../../src/firewall/print';
import type { Way } from '../../src/firewall/walk';
import type { Topology, TopologyCopy } from '../topology/types';
import type { LabCause } from './causes';

/** What a packet comes by, from one port of a bridge to another. */
export interface BridgeFirewall {
  readonly rules: RuleSet;
  /** In the order in which the kernel asks. */
  readonly across: Way;
}

interface Packets {
  readonly what: string;
  readonly network: string;
  readonly from: readonly string[];
  readonly to: { readonly address: string; readonly port: number };
  readonly state: FlowState;
}

/** @param bridgeOf device of a network of this running lab @returns nothing where nothing is wrong */
export function runningLabFindings(
  { rules, across }: BridgeFirewall,
  topology: Topology,
  bridgeOf: (network: string) => string,
): Finding<LabCause>[] {
  const fates = bridgedPacketsOf(topology).map(({ network, ...packets }) => {
    const bridge = bridgeOf(network);
    const { from, to, state } = packets;
    return {
      ...packets,
      network,
      bridge,
      fate: fateOf(rules, across, acrossBridge(bridge, from, to, state)),
    };
  });
  const findings = fates.flatMap(({ fate, bridge, what }) =>
    fate.kind === 'dropped' ? [dropped(fate.by, `${topology.name}: ${what}`, bridge)] : [],
  );
  // What follows has the same cause.
  if (findings.length > 0) return findings.slice(0, 1);
  for (const { fate, what } of fates)
    if (fate.kind === 'uncertain') return [mayDrop(fate.by, `${topology.name}: ${what}`)];
  return [];
}

/** Machines' own network is no bridge of this machine. */
const bridgedPacketsOf = (topology: Topology): Packets[] =>
  packetsOf(topology).filter(({ network }) => topology.networks[network]!.device === undefined);

/** Whatever Docker would call it. */
const FUTURE_BRIDGE = 'br-0123456789ab';

/** Of a lab that is not there yet: Docker will let packets through, in a rule of its own that stands behind some others. */
export function futureLabFindings(
  { rules, across }: BridgeFirewall,
  topology: Topology,
): Finding<LabCause>[] {
  const withDocker = withRuleOfDocker(rules);
  const findings = bridgedPacketsOf(topology).flatMap(({ what, from, to, state }): Finding<LabCause>[] => {
    const flow = acrossBridge(FUTURE_BRIDGE, from, to, state);
    const certain = fateOf(withDocker, across, flow);
    if (certain.kind === 'dropped') return [dropped(certain.by, `${topology.name}: ${what}`, 'br-+')];
    const fate = fateOf(rules, across, flow);
    // That nothing is let through without Docker's rule is as it should be.
    return fate.kind === 'dropped' && 'text' in fate.by
      ? [mayDrop(fate.by, `${topology.name}: ${what}`)]
      : [];
  });
  return findings.slice(0, 1);
}

/** As Docker 20.10 has them; later ones keep these chains in one of their own. */
function withRuleOfDocker(rules: RuleSet): RuleSet {
  const filter = rules['filter'] ?? { policies: {}, rules: [] };
  const rule = (target: string, matches: Rule['matches']): Rule => ({
    table: 'filter',
    chain: 'FORWARD',
    matches,
    target,
    leaves: false,
    targetWords: [],
    text: `-j ${target}`,
  });
  const within = ['-i', '-o'].map((option) => ({ option, negated: false, values: [FUTURE_BRIDGE] }));
  const first = [rule('DOCKER-USER', []), rule('ACCEPT', within)];
  return { ...rules, filter: { ...filter, rules: [...first, ...filter.rules] } };
}

const dropped = (by: Rule | Policy, what: string, bridge: string): Finding<LabCause> =>
  wrong(
    'bridge-drops-packets',
    `${what} passes the firewall of this machine between two ports of a bridge, and ${printedCause(by)} takes it away`,
    `${exceptionFor(bridge, by)} (and take it away again after the lab)${'text' in by ? `, or ${removalOf(by)}` : ''}; bridges ask no firewall with sysctl -w net.bridge.bridge-nf-call-iptables=0`,
  );

const mayDrop = (by: Rule | Policy, what: string): Finding<LabCause> =>
  unknown(
    `${what} passes the firewall of this machine between two ports of a bridge, and ${printedCause(by)} may take it away`,
    'read it; while the lab runs more can be told: lab doctor --name <lab>',
  );

/** In the order of their coming: clients' to the online server, copies', and what follows a copy's first packet. */
const packetsOf = (topology: Topology): Packets[] =>
  topology.copies
    .filter(({ architecture }) => architecture === 'traditional')
    .flatMap((copy) => packetsOfCopy(topology, copy));

function packetsOfCopy({ nodes }: Topology, { from, to }: TopologyCopy): Packets[] {
  const clients = Object.values(nodes).filter(({ role }) => role === 'client');
  const sources = clients.map(({ address }) => address);
  const place = (name: string) => {
    const { address, network, server } = nodes[name]!;
    return { network, from: sources, to: { address, port: server!.port } };
  };
  return [
    { ...place(from), what: `what clients say to ${from}`, state: 'new' },
    { ...place(to), what: `what copies say to ${to} first`, state: 'new' },
    {
      ...place(to),
      what: `what copies say to ${to} behind their SYN, INVALID to connection tracking,`,
      state: 'invalid',
    },
  ];
}
