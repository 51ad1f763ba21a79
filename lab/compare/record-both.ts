/** What the servers of a copy are asked and answer, recorded beside them while something goes on. */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningLab } from '../engine/commands/lab';
import { familiesAt } from '../topology/families';
import type { Cleanup } from '../verify/collect/cleanup';
import { VerifyError } from '../verify/collect/errors';
import { startTap, type RunningTap, type TapPlan } from '../verify/collect/taps';
import { sceneDevice, type Scene, type SceneServer } from '../verify/evidence/scene';
import { iptablesFor, matchOf, responses } from '../verify/evidence/watch';

/** Capture files of one side, captured beside each other. */
export type Captures = readonly Uint8Array[];

export interface RecordedBoth {
  readonly online: Captures;
  readonly test: Captures;
}

/** @typeParam Recorded what was recorded */
export interface RunningRecord<Recorded> {
  /** Ends it, and reads everything back. */
  stop(): Promise<Recorded>;
}

/** How long the kernel may keep frames from tcpdump. */
const FLUSH_MS = 1_200;
/** Of NFLOG: above those of a watch's copies, and not the fences'. */
const GROUPS = [0x4000, 0x7fff] as const;

/** Resolves when all that comes is recorded. @param run names its files */
export async function recordBoth(
  lab: RunningLab,
  scene: Scene,
  run: string,
  cleanup: Cleanup,
): Promise<RunningRecord<RecordedBoth>> {
  const { online, test, assistants } = scene;
  const plans = [
    tapAt(lab, run, 'online', online, sceneDevice(online)),
    tapAt(lab, run, 'test', test, sceneDevice(test)),
  ];
  // Where the guard is a queue the responses end in it, before any device.
  if (assistants.length === 0) plans.push(await responsesTap(lab, scene, run, sceneDevice(test), cleanup));
  const running = await record(plans, cleanup);
  return {
    async stop() {
      const captures = await running.stop();
      const of = (place: TapPlan['place']): Captures =>
        captures.filter((_, at) => plans[at]!.place === place);
      return { online: of('online'), test: of('test') };
    },
  };
}

/** The same of a test server on which a capture is played. */
export async function recordReplayed(
  lab: RunningLab,
  scene: Scene,
  run: string,
  cleanup: Cleanup,
): Promise<RunningRecord<Captures>> {
  const played = tapAt(lab, run, 'test', scene.test, 'lo');
  return record([played, await responsesTap(lab, scene, run, 'any', cleanup)], cleanup);
}

async function record(plans: readonly TapPlan[], cleanup: Cleanup): Promise<RunningRecord<Captures>> {
  const taps = await Promise.all(plans.map((plan) => startTap(plan, cleanup)));
  return {
    async stop() {
      await sleep(FLUSH_MS);
      // The last one is of responses, where there is one beside the devices: it ends first, so that what is answered in it was asked.
      const captures: Uint8Array[] = [];
      for (const tap of taps.toReversed()) captures.unshift(await read(tap));
      return captures;
    },
  };
}

function tapAt(
  lab: RunningLab,
  run: string,
  place: 'online' | 'test',
  { name, addresses, port }: SceneServer,
  device: string,
): TapPlan {
  return {
    name,
    place,
    node: name,
    families: familiesAt(lab.topology, name),
    in: lab.node(name),
    device,
    // On online the copies pass as well.
    filter: `echo "tcp port ${port} and (host ${addresses.join(' or host ')})"`,
    file: `/tmp/compare-${run}-${name}-${device.replace(':', '-')}.pcap`,
  };
}

async function read({ plan, command }: RunningTap): Promise<Uint8Array> {
  await command.stop();
  return plan.in.readFile(plan.file);
}

/** Has responses logged before the guard drops them, which it does none the less. @param device by which they are to leave */
async function responsesTap(
  lab: RunningLab,
  scene: Scene,
  run: string,
  device: string,
  cleanup: Cleanup,
): Promise<TapPlan> {
  const { test } = scene;
  const node = lab.node(test.name);
  const group = randomInt(...GROUPS);
  for (const watched of responses(scene)) {
    const watch = { ...watched, node: node.name, hook: 'OUTPUT' as const, device };
    const words = (action: string): string[] => [
      ...[iptablesFor(watch), '-w', '-t', 'raw', action, ...matchOf(watch)],
      ...['-j', 'NFLOG', '--nflog-group', String(group), '--nflog-threshold', '1'],
    ];
    cleanup.add(() => node.exec(words('-D')));
    const { exitCode, stderr } = await node.exec(words('-I'));
    if (exitCode === 0) continue;
    const said = stderr.toString().trim();
    throw new VerifyError('RULE_FAILED', `The answers of ${node.name} cannot be recorded: ${said}`);
  }
  // What a rule has logged is known by that rule.
  return { ...tapAt(lab, run, 'test', test, `nflog:${group}`), filter: 'true' };
}
