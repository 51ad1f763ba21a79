/**
 * Sends a mark where a leak would come from: from the test server to everybody, and on its other devices; and from the routers,
 * which would let it on to other networks.
 */
import type { RunningLab } from '../../engine/nodes/lab';
import { footholdsOf } from '../../topology/ways';
import { allSettled } from './all-settled';
import { VerifyError } from './errors';
import { markText, type MarkMoment } from '../frames/marks';
import type { Scene } from '../evidence/scene';
import { elsewhereNodes } from '../evidence/tap';

const LOOPBACK = '127.0.0.1';

export async function sendMark(
  lab: RunningLab,
  scene: Scene,
  run: string,
  moment: MarkMoment,
): Promise<void> {
  const send = async (name: string, addresses: readonly string[]): Promise<void> => {
    const { exitCode, stderr } = await lab
      .node(name)
      .exec(['lab-load', 'mark', markText(run, moment), ...addresses]);
    if (exitCode === 0) return;
    throw new VerifyError(
      'MARK_FAILED',
      `The mark could not be sent from ${name}: ${stderr.toString().trim().slice(-500)}`,
      'If the lab was started by an older version: lab down, then lab up.',
    );
  };
  const broadcasts = new Map(scene.networks.map(({ name, broadcast }) => [name, broadcast]));
  const own = footholdsOf(lab.topology.nodes[scene.test.name]!).map(({ network }) =>
    broadcasts.get(network)!,
  );
  await allSettled([
    ...elsewhereNodes(scene).map((name) =>
      send(name, name === scene.test.name ? [...own, LOOPBACK] : [LOOPBACK]),
    ),
    ...scene.routers.map(({ name, footholds }) =>
      send(
        name,
        footholds.map(({ network }) => broadcasts.get(network)!),
      ),
    ),
  ]);
}
