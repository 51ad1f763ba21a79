/** A lab that the tests of a file share, in which each begins with a copy that was set up anew. */
import { failureOf } from '../../lab/engine/check';
import type { Lab } from '../../lab/library';
import { PARTS, startPart, stepsOf } from '../../lab/scenarios/stage/parts';
import { resetLab } from '../../lab/scenarios/reset';
import type { Topology, TopologyCopy } from '../../lab/library';
import { sceneOf } from '../../lab/verify/collect/scene-of';
import { awaitArmed } from '../../lab/verify/collect/state';
import { sharedLab } from './shared-lab';
import { shell } from './verify-support';

/** On a busy machine. */
const ARMED_WITHIN_MS = 30_000;

/** Further arguments of the copy's programs. */
type Programs = Pick<TopologyCopy, 'tcpcopy' | 'intercept'>;

/**
 * Called in a test file, for the tests of this file.
 *
 * @returns what takes away whatever is left of the last copy, and resolves with the lab when the next one copies; what a test
 * changes beside programs, rules, logs and the routes of the copy, it must mend itself
 */
export function copyAfresh(
  topology: Topology,
  name: string,
): (programs?: (lab: Lab) => Programs) => Promise<Lab> {
  const shared = sharedLab(topology, name, { bare: true });
  return async (programs = () => ({})) => {
    const running = shared();
    const [copy, ...others] = running.topology.copies;
    const copies = [{ ...copy!, ...programs(running) }, ...others];
    const lab: Lab = { ...running, topology: { ...running.topology, copies } };
    await resetLab(lab, await sceneOf(lab));
    for (const node of lab.nodes) await shell(node, 'truncate -cs 0 /var/log/nginx/access.log');
    for (const part of PARTS) {
      await startPart(lab, part);
      for (const check of stepsOf(lab, part).flatMap((step) => step.checks)) {
        const failure = await failureOf(check, (node, argv) => lab.node(node).exec(argv));
        if (failure !== undefined) throw new Error(`It does not hold that ${check.holds}: ${failure}`);
      }
    }
    // What clients say before that is copied by nobody.
    const { signal } = new AbortController();
    const isLive = copy!.architecture !== 'offline';
    if (isLive && !(await awaitArmed(lab, await sceneOf(lab), ARMED_WITHIN_MS, signal)))
      throw new Error('tcpcopy does not copy');
    return lab;
  };
}
