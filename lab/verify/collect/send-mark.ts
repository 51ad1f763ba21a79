/**
 * Sends a mark where a leak would come from: from the test server to everybody, and on its other devices, over each family; and from the routers,
 * which would let it on to other networks. Before that, where there are several machines, marks that show how their clocks stand.
 */
import { FAMILIES } from '../../../src/wire/address/address';
import type { RunningLab } from '../../engine/commands/lab';
import type { Family } from '../../topology/addresses';
import { familiesAt } from '../../topology/families';
import { deviceOf } from '../../topology/machines';
import { addressIn, footholdsOf } from '../../topology/ways';
import { ALL_NODES } from '../../plan/families';
import { allSettled } from './all-settled';
import { sendClockMarks } from './send-clock-marks';
import { VerifyError } from './errors';
import { MARK_PORT } from '../../load/mark';
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
  await sendClockMarks(lab, scene, run, moment);
  const networks = new Map(scene.networks.map((network) => [network.name, network]));
  const send = async (
    name: string,
    family: Family,
    footholds: readonly { readonly network: string; readonly device: string }[],
  ): Promise<void> => {
    const own = footholds.flatMap(({ network, device }) => {
      const { broadcast, marked, hasIpv6 } = networks.get(network)!;
      if (marked.length > 0) return marked.flatMap((node) => addressIn(node, family) ?? []);
      if (family === 6) return hasIpv6 ? [`${ALL_NODES}%${device}`] : [];
      return [broadcast];
    });
    const introduced = footholds.flatMap(({ network, device }) =>
      networks.get(network)!.marked.flatMap((node) => {
        const address = addressIn(node, family);
        return address === undefined ? [] : [[address, node.hardware, device]];
      }),
    );
    const hasLoopback = familiesAt(lab.topology, name).includes(family);
    const elsewhere = hasLoopback && elsewhereNodes(scene).includes(name) ? [LOOPBACKS[family]] : [];
    const addresses = [...own, ...elsewhere];
    if (addresses.length === 0) return;
    const { exitCode, stderr } = await lab
      .node(name)
      .exec(
        introducing(family, introduced.flat(), [
          'lab-load',
          'mark',
          markText(run, moment, family),
          ...addresses,
        ]),
      );
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
    device: index === 0 ? deviceOf(lab.topology.nodes[scene.test.name]!) : `eth${index}`,
  }));
  const senders = [
    ...elsewhereNodes(scene).map((name) => ({ name, footholds: name === scene.test.name ? test : [] })),
    ...scene.routers,
  ];
  await allSettled(
    FAMILIES.flatMap((family) => senders.map(({ name, footholds }) => send(name, family, footholds))),
  );
}

/** Of a table of routes that holds those of marks, while they are sent. */
const MARK_TABLE = 4789;

/**
 * A command during which the node knows these neighbours, and reaches them by no other route: to ask for them would be a frame
 * that shows the copy, and the routes of responses lead elsewhere. Neighbours that it knows by itself stay as they are.
 *
 * @param neighbours address, hardware address and device of each
 */
function introducing(
  family: Family,
  neighbours: readonly string[],
  argv: readonly string[],
): readonly string[] {
  if (neighbours.length === 0) return argv;
  const script = `family=$1 count=$2; shift 2; known=
    rule() { ip "$family" rule "$1" preference 1 ipproto udp dport ${MARK_PORT} lookup ${MARK_TABLE}; }
    while [ "$count" -gt 0 ]; do
      ip neighbour add "$1" lladdr "$2" dev "$3" nud permanent 2>/dev/null && known="$known $1/$3"
      ip "$family" route replace "$1" dev "$3" table ${MARK_TABLE}
      shift 3; count=$((count - 3))
    done
    rule add; "$@"; status=$?; rule delete; ip "$family" route flush table ${MARK_TABLE}
    for one in $known; do ip neighbour delete "\${one%/*}" dev "\${one#*/}"; done
    exit $status`;
  return ['sh', '-c', script, 'sh', `-${family}`, String(neighbours.length), ...neighbours, ...argv];
}
