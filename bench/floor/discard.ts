/** The test server takes no notice of what is sent: what arrives is counted and dropped at its door. */
import type { LabNode } from '../../lab/engine/commands/lab';
import { BenchError } from '../stage/bench-error';

/** @returns a function that tells how many packets to the port have come since it was last called */
export async function discard(node: LabNode, port: number): Promise<() => Promise<number>> {
  const iptables = async (...argv: string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await node.exec(['iptables', '-w', '-t', 'raw', ...argv]);
    if (exitCode !== 0) throw new BenchError('STEP_FAILED', `iptables on ${node.name}: ${stderr.toString()}`);
    return stdout.toString();
  };
  await iptables('-I', 'PREROUTING', '-p', 'tcp', '--dport', String(port), '-j', 'DROP');
  let before = 0;
  return async () => {
    const listed = await iptables('-L', 'PREROUTING', '1', '-v', '-x', '-n');
    const total = Number(listed.trim().split(/ +/)[0]);
    const arrived = total - before;
    before = total;
    return arrived;
  };
}
