/** A running lab as programs have it: its nodes, and what it is for. */
import { randomInt } from 'node:crypto';
import { examineLab, type Examination } from '../doctor/examine-lab';
import { apply } from '../engine/apply';
import { down } from '../engine/down';
import type { Progress } from '../engine/docker/progress';
import { findLab, findLabs } from '../engine/labs/find';
import { serviceContainerOf } from '../engine/labs/containers';
import type { ComponentsChoice } from '../engine/nodes/components';
import type { ExecResult, RunningLab } from '../engine/commands/lab';
import { runningLabFrom } from '../engine/running/running-lab';
import { differenceLines } from '../plan/change/difference';
import { execInService } from '../engine/services/exec';
import { lastLines } from '../engine/services/logs';
import { setLink } from '../engine/links';
import { statusOf, type LabStatus } from '../engine/status';
import { keepEvidence } from '../report/keep';
import type { ScenarioResult } from '../scenarios/judgement/result';
import { runScenarios } from '../scenarios/run';
import type { Topology, TopologyFile, TopologyLink } from '../topology/types';
import { countersOn } from '../verify/collect/state';
import type { ProgramCounters, ProgramName } from '../verify/evidence/copy-state';
import { replayInLab, type ReplayLabOptions, type ReplayVerification } from '../verify/replay-lab';
import { VerifyError } from '../verify/collect/errors';
import { LOAD_REQUESTS, type Verification } from '../verify/verification';
import { compareInLab, type LabCompareOptions, type LabComparison } from './compare';
import { resolve } from './resolve';
import { scenarioFor } from './scenario-for';
import { verifyLab, type VerifyOptions } from '../verify/verify-lab';

export interface LabVerifyOptions extends VerifyOptions {
  /** A directory, in which captures (pcap files) and the report are kept. */
  readonly keep?: string;
}

export interface PlayOptions {
  /** What load and chance are derived from. Default: another each time; the result says which. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

export interface ApplyOptions {
  /** Only says what differs. */
  readonly dryRun?: boolean;
  /** What paths in the topology are relative to. Default: the working directory. */
  readonly folder?: string;
  readonly signal?: AbortSignal;
}

/** A container of the user's: the server of a node, or what stands beside it. */
export interface ServiceInNode {
  /** Runs `argv` without a shell; a non-zero exit status is a result, not an error. */
  exec(argv: readonly string[]): Promise<ExecResult>;
  /** What it has said on both outputs, as it came. @param lines at most so many of the last; default 100 */
  logs(lines?: number): Promise<string>;
}

export interface Lab extends RunningLab {
  /** What `verify` found so far, in the order in which it was asked. */
  readonly verifications: readonly Verification[];
  /**
   * A container of the user's on a node: the server itself, or by its name what stands beside it.
   *
   * @throws LabError `NODE_UNKNOWN`, `SERVICE_UNKNOWN`
   */
  service(node: string, name?: string): ServiceInNode;
  /**
   * What a program on a node has counted (docs/counters.md); undefined when it does not run there, or has no counters to give, as the
   * C original's.
   *
   * @throws LabError `NODE_UNKNOWN`
   */
  counters(node: string, program: ProgramName): Promise<ProgramCounters>;
  /** What the doctors of the programs and of the lab say (docs/doctor.md). Changes nothing. */
  examine(): Promise<Examination>;
  /**
   * Plays a capture (the bytes of a pcap or pcapng file) on the test server of an offline topology, and holds what arrives against it.
   *
   * @throws VerifyError `NOTHING_COPIED` where the topology has no offline copy
   */
  replay(capture: Uint8Array, options?: ReplayLabOptions): Promise<ReplayVerification>;
  /**
   * Impairs a network in the place of what impaired it before; without a link, as the topology has it.
   *
   * @throws LabError `NETWORK_UNKNOWN`, or `LINK_UNAVAILABLE` where the kernel lacks what it would take
   */
  link(network: string, link?: TopologyLink): Promise<void>;
  /**
   * Changes the lab to another topology: what differs is undone and done, all else goes on as it runs, and where a step fails
   * everything is made as it was (docs/topology.md). From then on `topology`, `nodes` and `node` are those of the changed lab.
   *
   * @returns what differs, a line each: `+ node client-b (…)`; nothing where nothing does
   * @throws TopologyError, and LabError: `LAB_INCOMPLETE`, `STEP_FAILED`, …
   */
  apply(topology: TopologyFile | Topology, options?: ApplyOptions): Promise<string[]>;
  /** What is left of it, and what holds. Changes nothing. */
  status(): Promise<LabStatus>;
  /**
   * Sends a load, and compares what reached both servers, under taps: the topology's `load`, or requests derived from the seed.
   * Differences and leaks are findings (`reasons`), not errors. Where there are several copies, `from` says which.
   *
   * @throws VerifyError when it cannot be carried out: `NOTHING_COPIED`, `COPY_UNCLEAR`, `LOAD_UNUSABLE`, …
   */
  verify(options?: LabVerifyOptions): Promise<Verification>;
  /**
   * Sends a load, or in a lab with an offline copy plays a capture, records what both servers answer, and compares it
   * (docs/compare.md). Differences are no errors; limits that are passed stand in `crossed`.
   *
   * @throws VerifyError when it cannot be carried out; RuleError and ThresholdError for what is no place, and no limit
   */
  compare(options?: LabCompareOptions): Promise<LabComparison>;
  /**
   * Plays a scenario of the catalogue (docs/scenarios.md) with this lab's topology and programs: in a bare lab of its own, so that
   * this one stays as it is.
   *
   * @throws ScenarioError `SCENARIO_UNKNOWN`, or `SCENARIO_UNFIT` when it is for another architecture
   */
  play(scenario: string, options?: PlayOptions): Promise<ScenarioResult>;
  /** Takes it down in the order of its plan. Resolves when nothing is left, also where nothing was. */
  down(): Promise<void>;
}

/** How a program came by a lab. */
export interface LabOrigin {
  /** Unique to its start: another lab of the same name is left alone. */
  readonly run: string;
  readonly components: ComponentsChoice | undefined;
  readonly progress: Progress;
  /** Ends what is under way in it. */
  readonly signal: AbortSignal;
}

export function labFrom(lab: RunningLab, { run, components, progress, signal }: LabOrigin): Lab {
  const { name, flavour } = lab;
  let running = lab;
  const verifications: Verification[] = [];
  const untilEither = (other?: AbortSignal): AbortSignal =>
    AbortSignal.any([signal, ...(other ? [other] : [])]);
  return {
    name,
    flavour,
    get topology() {
      return running.topology;
    },
    get nodes() {
      return running.nodes;
    },
    node: (node) => running.node(node),
    host: () => running.host(),
    bridge: (network) => running.bridge(network),
    vantages: (network) => running.vantages(network),
    verifications,
    service(node, service = serviceOf(running, node)) {
      const container = async () => serviceContainerOf(await findLab(name), node, service);
      return {
        exec: async (argv) => execInService(await container(), argv),
        logs: async (lines = LINES_DEFAULT) => lastLines(await container(), lines),
      };
    },
    counters: (node, program) => countersOn(running, node, program),
    examine: () => examineLab(running),
    replay: (capture, options = {}) =>
      replayInLab(running, capture, { ...options, signal: untilEither(options.signal) }),
    link: async (network, link) => setLink(await findLab(name), network, link),
    async apply(changed, { dryRun = false, folder = process.cwd(), signal: other } = {}) {
      const topology = resolve(changed, folder);
      const difference = await apply(name, topology, { progress, signal: untilEither(other), dryRun });
      if (!dryRun) running = runningLabFrom(await findLab(name));
      return differenceLines(difference);
    },
    status: async () => statusOf(await findLab(name)),
    async verify({ keep, ...options } = {}) {
      assertVerifiable(running, options);
      const { verification, evidence } = await verifyLab(running, {
        ...options,
        signal: untilEither(options.signal),
      });
      verifications.push(verification);
      if (keep !== undefined) await keepEvidence(keep, evidence, verification);
      return verification;
    },
    async compare({ signal: other, ...options } = {}) {
      assertVerifiable(running, options);
      return compareInLab(running, { ...options, signal: untilEither(other) });
    },
    async play(scenario, { seed = randomInt(1, SEED_MAX), ...options } = {}) {
      const chosen = await scenarioFor(running.topology, scenario);
      const played = withoutLoad(running.topology);
      const [result] = await runScenarios([chosen], {
        topologies: { traditional: played, 'data-link': played },
        rounds: 1,
        signal: untilEither(options.signal),
        onResult: () => undefined,
        ...{ seed, components, progress },
      });
      return result!;
    },
    async down() {
      const found = (await findLabs()).find((candidate) => candidate.run === run);
      if (found) await down(found, progress);
    },
  };
}

/** Scenarios have loads of their own. */
function withoutLoad({ name, description, networks, nodes, copies, links, outside }: Topology): Topology {
  const around = { ...(links && { links }), ...(outside && { outside }) };
  return { name, description, networks, nodes, copies, ...around };
}

const LINES_DEFAULT = 100;
const SEED_MAX = 1_000_000;

function serviceOf(lab: RunningLab, node: string): string {
  const { server } = lab.node(node).definition;
  return server?.kind === 'service' ? server.name : '';
}

/** @throws VerifyError where it would be silent about what was asked */
function assertVerifiable(
  { name, topology }: RunningLab,
  { from, seed, requests }: Pick<LabVerifyOptions, 'from' | 'seed' | 'requests'>,
): void {
  const names = topology.copies.map((copy) => copy.from);
  if (from === undefined ? names.length > 1 : !names.includes(from)) {
    const message =
      from === undefined
        ? `Lab ${name} has several copies.`
        : `Nothing is copied from ${from} in lab ${name}.`;
    throw new VerifyError('COPY_UNCLEAR', message, `Give \`from\` one of: ${names.join(', ')}.`);
  }
  if (requests !== undefined && !(requests >= LOAD_REQUESTS.min && requests <= LOAD_REQUESTS.max))
    throw new VerifyError(
      'LOAD_UNUSABLE',
      `A load has from ${LOAD_REQUESTS.min} to ${LOAD_REQUESTS.max} requests, not ${requests}.`,
    );
  if (topology.load && (seed ?? requests) !== undefined)
    throw new VerifyError(
      'LOAD_UNUSABLE',
      `Lab ${name} has a load of its own, which knows neither a seed nor a number of requests.`,
      'Leave them out; the load is in the topology.',
    );
}
