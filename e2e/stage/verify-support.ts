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

/** How often a copy is played at most whose guard was not proven. */
const PLAYED_MAX = 3;

/**
 * Of a copy that nothing is done to. A machine that has much else to do may keep intercept from its core for two seconds: then the guard is
 * not proven, the copies are given up, and their requests are missing, as is promised. That is told, and the copy is played again.
 */
export async function undisturbed<Played extends { readonly verification: Verification }>(
  play: () => Promise<Played>,
): Promise<Played> {
  for (let times = 1; ; times += 1) {
    const played = await play();
    if (times === PLAYED_MAX || !isForWantOfProof(played.verification)) return played;
    process.stdout.write('the guard was not proven for seconds: played again\n');
  }
}

/** Whether requests are missing of copies that were given up for it, and nothing else is wrong. */
export function isForWantOfProof({ reasons, counters }: Pick<Verification, 'reasons' | 'counters'>): boolean {
  const { before, after } = counters.tcpcopy;
  const grown = (name: string): number => Number(after?.[name] ?? 0) - Number(before?.[name] ?? 0);
  const isMissing = reasons.length > 0 && reasons.every(({ code }) => code === 'requests-missing');
  return isMissing && grown('sessions_given_up_disarmed') + grown('segments_dropped_not-armed') > 0;
}

/** @param at what is done to the lab when the verification reaches a phase */
export async function verify(
  lab: Lab,
  at: Partial<Record<Phase, () => Promise<unknown>>> = {},
  options: LabVerifyOptions = {},
): Promise<Verification> {
  const load = lab.topology.load ? {} : { seed: SEED, requests: REQUESTS };
  const play = async () => ({
    verification: await lab.verify({
      ...load,
      patience_ms: LOSSY_MS,
      ...options,
      onPhase: async (phase) => {
        await at[phase]?.();
      },
    }),
  });
  const isUndisturbed = options.patience_ms === EXACT_MS && Object.keys(at).length === 0;
  return (await (isUndisturbed ? undisturbed(play) : play())).verification;
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
