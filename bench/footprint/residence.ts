/** How much of both programs is resident. */
import type { LabNode } from '../../lab/engine/commands/lab';

export interface Residence {
  readonly tcpcopy_bytes: number;
  readonly intercept_bytes: number;
}

export async function residentOf(online: LabNode, hears: LabNode): Promise<Residence> {
  const [tcpcopy_bytes, intercept_bytes] = await Promise.all([
    residentIn(online, 'tcpcopy'),
    residentIn(hears, 'intercept'),
  ]);
  return { tcpcopy_bytes, intercept_bytes };
}

/** Of all its processes together (proc(5), VmRSS). */
async function residentIn(node: LabNode, program: string): Promise<number> {
  const script = 'for p in $(pgrep -x "$0"); do cat /proc/$p/status; done';
  const { stdout } = await node.exec(['sh', '-c', script, program]);
  const found = [...stdout.toString().matchAll(/^VmRSS:\s+(\d+) kB$/gm)];
  return found.reduce((sum, [, kilobytes]) => sum + Number(kilobytes) * 1024, 0);
}
