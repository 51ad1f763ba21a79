/**
 * Sends a mark where a leak would come from: from the test server to everybody, and on its other devices, over each family; and from the routers,
 * which would let it on to other networks.
 */
import { FAMILIES } from '../../../src/wire/address/address';
import type { RunningLab } from '../../engine/nodes/lab';
import type { Family } from '../../topology/addresses';
import { familiesAt } from '../../topology/families';
import { footholdsOf } from '../../topology/ways';
import { ALL_NODES } from '../../plan/families';
import { allSettled } from './all-settled';
import { VerifyError } from './errors';
import { markText, type MarkMoment } from '../frames/marks';
import type { Scene } from '../evidence/scene';
import { elsewhereNodes } from '../evidence/tap';

const LOOPBACKS = { 4: '127.0.0.1', 6: '::1' } as const;

export async function sendMark(
  lab: RunningLab,
  scene: Scene,
  run: string,
  moment: MarkMoment,
): Promise<void> {
  const networks = new Map(scene.networks.map((network) => [network.name, network]));
  const send = async (
    name: string,
    family: Family,
    footholds: readonly { readonly network: string; readonly device: string }[],
  ): Promise<void> => {
    const own = footholds.flatMap(({ network, device }) => {
      const { marked, hasIpv6 } = networks.get(network)!;
      return family === 4 ? marked : hasIpv6 ? [`${ALL_NODES}%${device}`] : [];
    });
    const hasLoopback = familiesAt(lab.topology, name).includes(family);
    const elsewhere = hasLoopback && elsewhereNodes(scene).includes(name) ? [LOOPBACKS[family]] : [];
    const addresses = [...own, ...elsewhere];
    if (addresses.length === 0) return;
    const { exitCode, stderr } = await lab
      .node(name)
      .exec(['lab-load', 'mark', markText(run, moment, family), ...addresses]);
    if (exitCode === 0) return;
    throw new VerifyError(
      'MARK_FAILED',
      `The mark could not be sent from ${name}: ${stderr.toString().trim().slice(-500)}`,
      'If the lab was started by an older version: lab down, then lab up.',
    );
  };
  // Networks are joined one after the other, so that devices are numbered as the node has them.
  const test = footholdsOf(lab.topology.nodes[scene.test.name]!).map(({ network }, index) => ({
    network,
    device: `eth${index}`,
  }));
  const senders = [
    ...elsewhereNodes(scene).map((name) => ({ name, footholds: name === scene.test.name ? test : [] })),
    ...scene.routers,
  ];
  await allSettled(
    FAMILIES.flatMap((family) => senders.map(({ name, footholds }) => send(name, family, footholds))),
  );
}
