/** What both servers of a copy are asked and answer, recorded beside them while something goes on. */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningLab } from '../engine/nodes/lab';
import { familiesAt } from '../topology/families';
import type { Cleanup } from '../verify/collect/cleanup';
import { VerifyError } from '../verify/collect/errors';
import { startTap, type RunningTap, type TapPlan } from '../verify/collect/taps';
import type { Scene, SceneServer } from '../verify/evidence/scene';
import { iptablesFor, matchOf, responses } from '../verify/evidence/watch';

/** Capture files of one side, captured beside each other. */
export type Captures = readonly Uint8Array[];

export interface RecordedBoth {
  readonly online: Captures;
  readonly test: Captures;
}

export interface RunningRecord {
  /** Ends it, and reads everything back. */
  stop(): Promise<RecordedBoth>;
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
): Promise<RunningRecord> {
  const { online, test, assistants } = scene;
  const tap = (place: 'online' | 'test', server: SceneServer, device: string): TapPlan => ({
    name: server.name,
    place,
    node: server.name,
    families: familiesAt(lab.topology, server.name),
    in: lab.node(server.name),
    device,
    // What a rule has logged is known by that rule.
    ...(device === DEVICE && { filter: `echo "tcp port ${server.port}"` }),
    file: `/tmp/compare-${run}-${server.name}-${device.replace(':', '-')}.pcap`,
  });
  const plans = [tap('online', online, DEVICE), tap('test', test, DEVICE)];
  // Where the guard is a queue the responses end in it, before any device.
  if (assistants.length === 0) plans.push(tap('test', test, await logResponses(lab, scene, cleanup)));
  const taps = await Promise.all(plans.map((plan) => startTap(plan, cleanup)));
  return {
    async stop() {
      await sleep(FLUSH_MS);
      const captures = await Promise.all(taps.map(read));
      const of = (place: TapPlan['place']): Captures =>
        captures.filter((_, at) => plans[at]!.place === place);
      return { online: of('online'), test: of('test') };
    },
  };
}

const DEVICE = 'eth0';

async function read({ plan, command }: RunningTap): Promise<Uint8Array> {
  await command.stop();
  return plan.in.readFile(plan.file);
}

/** Has them logged before the guard drops them, which it does none the less. @returns the device of the log */
async function logResponses(lab: RunningLab, scene: Scene, cleanup: Cleanup): Promise<string> {
  const node = lab.node(scene.test.name);
  const group = randomInt(...GROUPS);
  for (const watched of responses(scene)) {
    const watch = { ...watched, node: node.name, hook: 'OUTPUT' as const };
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
  return `nflog:${group}`;
}
