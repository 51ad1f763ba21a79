/** Back to a bare lab: whatever a scenario has left, and without letting anything out. */
import { DISCARD_ONLY } from '../plan/families';
import type { LabNode, RunningLab } from '../engine/commands/lab';
import { sourceSteps } from '../plan/networks/sources';
import { nodesOf } from './stage/parts';
import type { Scene } from '../verify/evidence/scene';

/** Behind the tables of the nodes stands Docker's own (nat), which is left alone. */
const TABLES = ['filter', 'raw', 'mangle'];
const IPTABLES = ['iptables', 'ip6tables'];

export async function resetLab(lab: RunningLab, scene: Scene): Promise<void> {
  const test = lab.node(scene.test.name);
  const own = `sport = :${scene.test.port}`;
  for (const node of nodesOf(lab, 'tcpcopy')) await line(node, 'pkill -KILL -x tcpcopy');
  // Connections that are ended say so to their clients: nothing may get out before all are gone.
  for (const iptables of IPTABLES) await line(test, `${iptables} -I OUTPUT -j DROP -o eth0`);
  await line(test, 'pkill -CONT nginx');
  await line(test, `ss -K -tnH state all exclude listening exclude time-wait "( ${own} )" >/dev/null`);
  for (const node of nodesOf(lab, 'intercept')) await line(node, 'pkill -KILL -x intercept');
  for (const { sources } of scene.assistants) {
    for (const range of sources) await line(test, `while ip route del ${range}; do :; done`);
  }
  await line(test, `while ip route del ${DISCARD_ONLY}; do :; done`);
  await Promise.all(
    lab.nodes.map((node) =>
      line(
        node,
        IPTABLES.flatMap((iptables) => TABLES.map((table) => `${iptables} -w -t ${table} -F`)).join('; '),
      ),
    ),
  );
  if (lab.topology.copies.some(({ guard }) => guard === 'intercept'))
    await line(test, 'tc qdisc del dev eth0 clsact');
  await Promise.all(
    sourceSteps(lab.topology).map(async ({ action }) => {
      if (action.kind === 'command') await lab.node(action.node).exec(action.argv);
    }),
  );
  await Promise.all(lab.nodes.map((node) => line(node, 'rm -f /var/log/tcpcopy.log /var/log/intercept.log')));
}

/** What is not there any more need not be taken away. */
async function line(node: LabNode, script: string): Promise<void> {
  await node.exec(['sh', '-c', `(${script}) 2>/dev/null; true`]);
}
