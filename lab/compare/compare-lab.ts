/** What the test server of a running lab answers beside the online server: a load is played, both are recorded, and compared. */
import { randomInt } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareFiles, DEFAULTS, type ComparedFiles } from '../../src/answers/captures/compare-files';
import type { DifferenceRules } from '../../src/answers/compare/differences';
import { parseAddress } from '../../src/wire/address/address';
import type { RunningLab } from '../engine/nodes/lab';
import { Cleanup } from '../verify/collect/cleanup';
import { VerifyError } from '../verify/collect/errors';
import { RunningLoad } from '../verify/collect/load';
import { clientParts, newRun } from '../verify/collect/load-parts';
import { ownLoadOf, playOwn, settleCopy } from '../verify/collect/own-load';
import { sceneOf } from '../verify/collect/scene-of';
import { awaitArmed, collectAllCounters } from '../verify/collect/state';
import type { Scene, SceneServer } from '../verify/evidence/scene';
import { recordBoth, type Captures, type RecordedBoth } from './record-both';

export interface CompareLabOptions {
  /** Name of the online server whose copy is meant. Default: the first copy's. */
  readonly from?: string;
  readonly rules: DifferenceRules;
  /** Of the lab's own load. */
  readonly seed?: number;
  readonly requests?: number;
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
const RATE = 500;
const TIMES_DEFAULT = 2;
/** All nodes share this machine's cores, and the test server answers when the copy has been at work on them. */
const MARGIN_MS = 1;
const ARMED_WITHIN_MS = 3_000;
const SETTLE = { patience_ms: 5_000, linger_ms: 300 };

/** @throws VerifyError when it cannot be carried out */
export async function compareLab(lab: RunningLab, options: CompareLabOptions): Promise<ComparedLab> {
  const { from, keep, onPhase, signal = new AbortController().signal } = options;
  refuseOffline(lab, from);
  const scene = await sceneOf(lab, from);
  const run = newRun();
  const load = loadOf(lab, scene, run, options);
  const cleanup = new Cleanup();
  try {
    if (lab.flavour === 'ours') await awaitArmed(lab, scene, ARMED_WITHIN_MS, signal);
    const before = await collectAllCounters(lab, scene);
    const record = await recordBoth(lab, scene, run, cleanup);
    onPhase?.('recording');
    for (let time = 0; time < (options.times ?? TIMES_DEFAULT); time += 1) await load.play(cleanup, signal);
    onPhase?.('played');
    await settleCopy(lab, scene, before.tcpcopy, SETTLE, signal);
    onPhase?.('settled');
    const compared = await compareRecorded(await record.stop(), scene, options.rules, keep);
    return { scene, seed: load.seed, ...compared };
  } finally {
    await cleanup.run();
  }
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

async function compareRecorded(
  { online, test }: RecordedBoth,
  scene: Scene,
  rules: DifferenceRules,
  keep: string | undefined,
): Promise<ComparedFiles> {
  const folder = keep ?? (await mkdtemp(join(tmpdir(), 'tcpcopy-lab-')));
  try {
    await mkdir(folder, { recursive: true });
    const side = async (captures: Captures, { name, addresses, port }: SceneServer) => ({
      files: await Promise.all(
        captures.map(async (capture, at) => {
          const path = join(folder, at === 0 ? `${name}.pcap` : `${name}-responses.pcap`);
          await writeFile(path, capture);
          return path;
        }),
      ),
      endpoints: addresses.map((address) => ({ address: parseAddress(address)!, port })),
    });
    return await compareFiles({
      ...DEFAULTS,
      rules,
      margin_ms: MARGIN_MS,
      online: await side(online, scene.online),
      test: await side(test, scene.test),
    });
  } finally {
    if (keep === undefined) await rm(folder, { recursive: true });
  }
}

function refuseOffline({ name, topology }: RunningLab, from: string | undefined): void {
  const copy = topology.copies.find((candidate) => from === undefined || candidate.from === from);
  if (copy?.architecture !== 'offline') return;
  throw new VerifyError(
    'NOTHING_COPIED',
    `Lab ${name} plays captures, and copies nothing live.`,
    'Record what the test server says meanwhile, and compare it with the capture: tcpcopy compare.',
  );
}
