/** A running lab: the programs' own doctors in the nodes, and the routes of test servers that have none. */
import { CAUSES_OF_BUSYNESS } from '../../src/doctor/causes';
import { diagnose, ok, unknown, type Diagnosis } from '../../src/doctor/diagnosis';
import { reportOn, type Report } from '../../src/doctor/report';
import { engineNamed } from '../engine/docker/connection';
import { silent } from '../engine/docker/progress';
import type { LabNode, RunningLab } from '../engine/commands/lab';
import { hostText } from '../plan/families';
import { enginesUsed } from '../plan/placement';
import { planFor } from '../plan/plan';
import { copiedAddressesOf, familiesOf } from '../topology/families';
import type { Topology, TopologyCopy } from '../topology/types';
import { addressIn, footholdsOf } from '../topology/ways';
import { collectState } from '../verify/collect/state';
import { findInState } from '../verify/findings/in-state';
import { sceneOf } from '../verify/collect/scene-of';
import { runningLabFindings, type BridgeFirewall } from './bridge-firewall';
import { LAB_CAUSES, type LabCause } from './causes';
import { collectEngines } from './collect-engines';
import { collectBridgeFirewall } from './collect-firewall';
import { engineChecks } from './engine-checks';

export interface NodeReport extends Report {
  readonly node: string;
  /** Whose doctor spoke: a program's, or the lab's own. */
  readonly doctor: 'tcpcopy' | 'intercept' | 'lab';
}

export interface Examination {
  readonly verdict: Report['verdict'];
  readonly nodes: readonly NodeReport[];
}

type Program = 'tcpcopy' | 'intercept';

/** Changes nothing. Rejects when a doctor cannot be run. */
export async function examineLab(
  lab: RunningLab,
  signal: AbortSignal = new AbortController().signal,
): Promise<Examination> {
  const { copies } = lab.topology;
  // First: a doctor must not be taken for its program, which is looked for here.
  const firewall = await collectBridgeFirewall();
  const setUps = await Promise.all(copies.map((copy) => examineSetUp(lab, copy, firewall)));
  const interceptNodes = [...new Set(copies.flatMap(interceptNodesOf))];
  const doctors = await Promise.all([
    ...interceptNodes.map((name) => runDoctor(lab, 'intercept', name, askedOf(lab.topology, name))),
    ...copies
      .filter(({ architecture }) => architecture !== 'offline')
      .map(({ from }) => runDoctor(lab, 'tcpcopy', from, [])),
  ]);
  const nodes = [...setUps, ...doctors, ...(await enginesReport(lab, signal))];
  return { verdict: nodes.some(({ verdict }) => verdict === 'wrong') ? 'wrong' : 'healthy', nodes };
}

/** Of the machines of a lab on several engines. */
async function enginesReport({ topology }: RunningLab, signal: AbortSignal): Promise<NodeReport[]> {
  const names = enginesUsed(topology);
  if (names.length < 2) return [];
  const facts = await collectEngines(names.map(engineNamed), silent, signal);
  return [{ node: names.join(' and '), doctor: 'lab', ...reportOn(diagnose(engineChecks, facts)) }];
}

const interceptNodesOf = ({ architecture, to, routes = [] }: TopologyCopy): string[] =>
  architecture === 'data-link' ? routes.map(({ via }) => via) : [to];

/** What intercept cannot know by itself: which endpoints are copied to, and whose copies they are. */
export function askedOf(topology: Topology, interceptNode: string): string[] {
  const copies = topology.copies.filter((copy) => interceptNodesOf(copy).includes(interceptNode));
  const copied = new Set(
    copies.flatMap((copy) =>
      copiedAddressesOf(topology, copy, copy.to).map(
        (address) => `${hostText(address)}:${topology.nodes[copy.to]!.server!.port}`,
      ),
    ),
  );
  const clients = new Set(copies.flatMap((copy) => clientsOf(topology, copy)));
  return ['--copied', [...copied].join(','), '--client', [...clients].join(',')];
}

/** Those whose addresses the test server sees: the clients, or what `-c` gives their copies. */
function clientsOf(topology: Topology, copy: TopologyCopy): string[] {
  const { tcpcopy = [] } = copy;
  const given = tcpcopy[tcpcopy.indexOf('-c') + 1];
  if (tcpcopy.includes('-c') && given !== undefined) return [given.split(',')[0]!.replace(/x$/, '1')];
  return Object.values(topology.nodes)
    .filter(({ role }) => role === 'client')
    .flatMap((client) =>
      familiesOf(topology, copy).flatMap((family) => addressIn(footholdsOf(client)[0]!, family) ?? []),
    );
}

async function runDoctor(
  lab: RunningLab,
  program: Program,
  name: string,
  asked: readonly string[],
): Promise<NodeReport> {
  const node = lab.node(name);
  const options = (await optionsNow(node, program)) ?? optionsPlanned(lab.topology, program, name);
  const argv = [program, 'doctor', ...options, ...asked, '--json'];
  const { exitCode, stdout, stderr } = await node.exec(argv);
  if (exitCode > 1 || stdout.length === 0)
    throw new Error(`\`${argv.join(' ')}\` on ${name} ended with status ${exitCode}: ${stderr.toString()}`);
  return { node: name, doctor: program, ...(JSON.parse(stdout.toString()) as Report) };
}

/** Options of the program that runs; undefined when none does. */
async function optionsNow(node: LabNode, program: Program): Promise<string[] | undefined> {
  const line = `tr '\\0' '\\n' </proc/$(pgrep -xo ${program})/cmdline`;
  const { exitCode, stdout } = await node.exec(['sh', '-c', line]);
  const words = stdout.toString().split('\n').slice(0, -1);
  const at = words.findIndex((word) => word.endsWith('.mjs'));
  return exitCode === 0 && at >= 0 ? words.slice(at + 1) : undefined;
}

/** As the topology says, also in a bare lab. */
function optionsPlanned(topology: Topology, program: Program, name: string): readonly string[] {
  const step = planFor(topology).steps.find(({ id }) => id === `${program}:${name}`);
  return step?.action.kind === 'command' ? step.action.argv.slice(1) : [];
}

/** What only a lab knows: which programs must run, and which routes the test server must have. */
async function examineSetUp(
  lab: RunningLab,
  copy: TopologyCopy,
  firewall: BridgeFirewall | undefined,
): Promise<NodeReport> {
  const scene = await sceneOf(lab, copy.from);
  const state = await collectState(lab, scene);
  const findings = findInState(scene, { before: state, after: state }).filter(
    ({ code }) => isLabCause(code) && !(copy.architecture === 'offline' && code === 'tcpcopy-not-running'),
  );
  const wrong = findings.map(({ code, message, mend }): Diagnosis<LabCause> => ({
    check: 'set-up',
    verdict: 'wrong',
    cause: code as LabCause,
    evidence: message,
    mend: mend ?? '',
  }));
  const right: Diagnosis<LabCause> = {
    check: 'set-up',
    verdict: 'ok',
    evidence: 'programs run, and routes are as the topology has them',
  };
  const ways = bridgeDiagnoses(lab, copy, firewall);
  return { node: copy.to, doctor: 'lab', ...reportOn([...(wrong.length > 0 ? wrong : [right]), ...ways]) };
}

/** How packets come from node to node is up to this machine, where the engine is. */
function bridgeDiagnoses(
  lab: RunningLab,
  copy: TopologyCopy,
  firewall: BridgeFirewall | undefined,
): Diagnosis<LabCause>[] {
  if (copy.architecture !== 'traditional' || enginesUsed(lab.topology).length > 1) return [];
  const topology = { ...lab.topology, name: lab.name, copies: [copy] };
  const findings = firewall
    ? runningLabFindings(firewall, topology, (network) => lab.bridge(network))
    : [unknown('the firewall of this machine cannot be read here', 'ask as root, where the engine runs')];
  const none = ok('the firewall of this machine lets through what nodes say to each other');
  return (findings.length > 0 ? findings : [none]).map((finding) => ({ check: 'bridge-paths', ...finding }));
}

const isLabCause = (code: string): boolean => Object.hasOwn(LAB_CAUSES, code);

const NONE: ReadonlySet<string> = new Set();

/** @returns what is wrong, as `<node>: <cause>` @param leftAside causes that are not asked for */
export const causesIn = ({ nodes }: Examination, leftAside = NONE): string[] =>
  nodes.flatMap(({ node, diagnoses }) =>
    diagnoses.flatMap((one) =>
      one.verdict === 'wrong' && !leftAside.has(one.cause) ? [`${node}: ${one.cause}`] : [],
    ),
  );

/** @returns what is set up wrongly, as `<node>: <cause>`; not what else the machine is busy with */
export const faultsIn = (examination: Examination): string[] => causesIn(examination, CAUSES_OF_BUSYNESS);
