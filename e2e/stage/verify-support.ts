/** A lab for one test, verified while the test breaks it. */
import { expect } from '@jest/globals';
import {
  startLab,
  type Lab,
  type LabNode,
  type LabVerifyOptions,
  type Phase,
  type StartOptions,
  type Topology,
  type TopologyFile,
  type Verification,
} from '../../lab/library';
import { tellOfLab, tellWith } from './tell-of-lab';

/** Every run derives the same load, so that a failure can be repeated. */
const SEED = 20_14;

export async function withLab<T>(
  name: string,
  topology: Topology | TopologyFile,
  work: (lab: Lab) => Promise<T>,
  options: Pick<StartOptions, 'folder'> = {},
): Promise<T> {
  const lab = await startLab(topology, { name, ...options });
  try {
    return await work(lab);
  } catch (failure) {
    tellWith(failure, await tellOfLab(lab));
    throw failure;
  } finally {
    await lab.down();
  }
}

/** Enough that every breakage shows; a healthy lab is held to what people verify with. */
export const REQUESTS = 800;
/** How long no more may arrive where some never will; where all are to come, others may be busy on this machine. */
export const LOSSY_MS = 1_500;
export const EXACT_MS = 10_000;

/** @param at what is done to the lab when the verification reaches a phase */
export function verify(
  lab: Lab,
  at: Partial<Record<Phase, () => Promise<unknown>>> = {},
  options: LabVerifyOptions = {},
): Promise<Verification> {
  const load = lab.topology.load ? {} : { seed: SEED, requests: REQUESTS };
  return lab.verify({
    ...load,
    patience_ms: LOSSY_MS,
    ...options,
    onPhase: async (phase) => {
      await at[phase]?.();
    },
  });
}

/** Runs a line of shell and insists on its success. */
export async function shell(node: LabNode, line: string): Promise<void> {
  const { exitCode, stderr } = await node.exec(['sh', '-c', line]);
  if (exitCode !== 0) throw new Error(`${line} on ${node.name}: ${stderr.toString()}`);
}

/**
 * Where a test takes the guard away tcpcopy stops within moments: whether responses slip until then is chance, so one client is
 * answered for sure.
 */
export const answerFor = (lab: Lab, client: string): Promise<void> =>
  shell(lab.node(client), 'curl -s -m 5 -o /dev/null http://test:8080/');

const withCodes = (codes: readonly string[]): unknown[] =>
  codes.map((code) => expect.objectContaining({ code }));

/** These reasons in this order, and no other: where others are found, their messages are seen. */
export function expectReasons({ reasons }: Pick<Verification, 'reasons'>, codes: readonly string[]): void {
  expect(reasons).toEqual(withCodes(codes));
}

/** These reasons among others. */
export function expectReasonsWith({ reasons }: Verification, codes: readonly string[]): void {
  expect(reasons).toEqual(expect.arrayContaining(withCodes(codes)));
}

export const messageOf = ({ reasons }: Verification, code: string): string =>
  reasons.find((reason) => reason.code === code)?.message ?? '';

/** A client that gets a response refuses it, and the test server's log lacks requests which that cut off. */
export const contradictions = ({ reasons }: Verification): string[] =>
  reasons
    .filter(({ code, message }) => code === 'evidence-disagrees' && !message.startsWith('test: its log'))
    .map(({ message }) => message);
