/** What the test server of a running lab answers beside the online server: a load, or a capture, is played, recorded, and compared. */
import { randomInt } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  compareFiles,
  DEFAULTS,
  type CapturedServer,
  type ComparedFiles,
} from '../../src/answers/captures/compare-files';
import type { DifferenceRules } from '../../src/answers/compare/differences';
import { parseAddress } from '../../src/wire/address/address';
import type { RunningLab } from '../engine/commands/lab';
import { Cleanup } from '../verify/collect/cleanup';
import { VerifyError } from '../verify/collect/errors';
import { RunningLoad } from '../verify/collect/load';
import { clientParts, newRun } from '../verify/collect/load-parts';
import { ownLoadOf, playOwn, settleCopy } from '../verify/collect/own-load';
import { sceneOf } from '../verify/collect/scene-of';
import { playCapture } from '../verify/replay-lab';
import type { TopologyCopy } from '../topology/types';
import { awaitArmed, collectAllCounters } from '../verify/collect/state';
import type { Scene, SceneServer } from '../verify/evidence/scene';
import { recordBoth, recordReplayed, type Captures, type RecordedBoth } from './record-both';

export interface CompareLabOptions {
  /** Name of the online server whose copy is meant. Default: the first copy's. */
  readonly from?: string;
  readonly rules: DifferenceRules;
  /** Of the lab's own load. */
  readonly seed?: number;
  readonly requests?: number;
  /** A capture of the online server with its answers (the bytes of a pcap or pcapng file), which an offline copy plays. */
  readonly capture?: Uint8Array;
  /** How often the load is played: what differs between two answers to the same request is noise. Default 2. */
  readonly times?: number;
  /** A directory, in which the captures are kept. */
  readonly keep?: string;
  readonly onPhase?: (phase: ComparePhase) => void;
  readonly signal?: AbortSignal;
}

export type ComparePhase = 'recording' | 'played' | 'settled';

export interface ComparedLab extends ComparedFiles {
  readonly scene: Scene;
  /** What the load was derived from; undefined of the user's own. */
  readonly seed: number | undefined;
}

const REQUESTS_DEFAULT = 400;
/** Slow enough that each server has a core when it is asked: how busy the machine is says nothing of them. */
const RATE = 200;
const TIMES_DEFAULT = 2;
/** All nodes share this machine's cores, and the test server answers when the copy has been at work on them. */
const MARGIN_MS = 1;
const ARMED_WITHIN_MS = 3_000;
const SETTLE = { patience_ms: 5_000, linger_ms: 300 };

/** @throws VerifyError when it cannot be carried out */
export async function compareLab(lab: RunningLab, options: CompareLabOptions): Promise<ComparedLab> {
  const scene = await sceneOf(lab, options.from);
  const copy = lab.topology.copies.find(({ from }) => from === scene.online.name)!;
  const cleanup = new Cleanup();
  try {
    return copy.architecture === 'offline'
      ? await compareReplay(lab, copy, scene, options, cleanup)
      : await compareCopy(lab, scene, options, cleanup);
  } finally {
    await cleanup.run();
  }
}

async function compareCopy(
  lab: RunningLab,
  scene: Scene,
  options: CompareLabOptions,
  cleanup: Cleanup,
): Promise<ComparedLab> {
  const { capture, rules, keep, onPhase, signal = new AbortController().signal } = options;
  if (capture)
    throw new VerifyError(
      'LOAD_UNUSABLE',
      `The copy of lab ${lab.name} is live, and plays no capture.`,
      'Leave it out, or use a lab with an offline copy: lab up offline.',
    );
  const run = newRun();
  const load = loadOf(lab, scene, run, options);
  if (lab.flavour === 'ours') await awaitArmed(lab, scene, ARMED_WITHIN_MS, signal);
  const before = await collectAllCounters(lab, scene);
  const record = await recordBoth(lab, scene, run, cleanup);
  onPhase?.('recording');
  for (let time = 0; time < (options.times ?? TIMES_DEFAULT); time += 1) await load.play(cleanup, signal);
  onPhase?.('played');
  await settleCopy(lab, scene, before.tcpcopy, SETTLE, signal);
  onPhase?.('settled');
  const compared = await compareRecorded(await record.stop(), scene, { rules, keep });
  return { scene, seed: load.seed, ...compared };
}

async function compareReplay(
  lab: RunningLab,
  copy: TopologyCopy,
  scene: Scene,
  { capture, rules, keep, onPhase, signal }: CompareLabOptions,
  cleanup: Cleanup,
): Promise<ComparedLab> {
  if (!capture)
    throw new VerifyError(
      'NOTHING_COPIED',
      `Lab ${lab.name} plays captures, and copies nothing live.`,
      'Name a capture of the online server, with its answers: lab compare online.pcap.',
    );
  const record = await recordReplayed(lab, scene, newRun(), cleanup);
  onPhase?.('recording');
  const { exitCode, log } = await playCapture(lab, copy, capture, { ...(signal && { signal }) }, cleanup);
  if (exitCode > 1)
    throw new VerifyError(
      'NOTHING_COPIED',
      `tcpcopy ended with status ${exitCode}: ${log.trim().slice(-500)}`,
    );
  onPhase?.('played');
  const both = { online: [capture], test: await record.stop() };
  // Wherever it was recorded.
  const anywhere = [{ address: undefined, port: scene.online.port }];
  return { scene, seed: undefined, ...(await compareRecorded(both, scene, { rules, keep, anywhere })) };
}

interface Load {
  readonly seed: number | undefined;
  play(cleanup: Cleanup, signal: AbortSignal): Promise<void>;
}

function loadOf(lab: RunningLab, scene: Scene, run: string, options: CompareLabOptions): Load {
  const { protocol } = scene;
  if (protocol === 'bytes') {
    const own = ownLoadOf(lab, scene);
    return {
      seed: undefined,
      async play(_cleanup, signal) {
        await playOwn(lab, own, run, signal);
      },
    };
  }
  const { seed = randomInt(1, 1_000_000), requests = REQUESTS_DEFAULT } = options;
  const parts = clientParts(lab, scene, { protocol, seed, run, purpose: 'lab', requests }, RATE);
  return {
    seed,
    async play(cleanup, signal) {
      const load = await RunningLoad.start(parts, cleanup);
      await load.summaries(signal);
    },
  };
}

interface HowCompared {
  readonly rules: DifferenceRules;
  readonly keep: string | undefined;
  /** Where the online server was asked, if not where it stands in the lab. */
  readonly anywhere?: CapturedServer['endpoints'];
}

async function compareRecorded(
  { online, test }: RecordedBoth,
  scene: Scene,
  { rules, keep, anywhere }: HowCompared,
): Promise<ComparedFiles> {
  const folder = keep ?? (await mkdtemp(join(tmpdir(), 'tcpcopy-lab-')));
  try {
    await mkdir(folder, { recursive: true });
    const side = async (
      captures: Captures,
      { name, addresses, port }: SceneServer,
      endpoints: CapturedServer['endpoints'] = addresses.map((address) => ({
        address: parseAddress(address)!,
        port,
      })),
    ): Promise<CapturedServer> => ({
      files: await Promise.all(
        captures.map(async (capture, at) => {
          const path = join(folder, at === 0 ? `${name}.pcap` : `${name}-responses.pcap`);
          await writeFile(path, capture);
          return path;
        }),
      ),
      endpoints,
    });
    return await compareFiles({
      ...DEFAULTS,
      rules,
      margin_ms: MARGIN_MS,
      online: await side(online, scene.online, anywhere),
      test: await side(test, scene.test),
    });
  } finally {
    if (keep === undefined) await rm(folder, { recursive: true });
  }
}
