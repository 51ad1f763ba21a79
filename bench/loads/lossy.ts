/** Any load, while the test server's node loses some of the packets that come for the server. */
import type { Stage } from '../stage/stage';
import { BenchError } from '../stage/bench-error';
import type { Load } from './load';

/** @param share of packets, for example 0.01 */
export function lossy(share: number, load: Load): Load {
  return {
    ...load,
    measure: async (stage) => {
      await change(stage, '-A', share);
      try {
        return await load.measure(stage);
      } finally {
        await change(stage, '-D', share);
      }
    },
  };
}

async function change({ test, scene }: Stage, action: '-A' | '-D', share: number): Promise<void> {
  const match = ['-p', 'tcp', '--dport', String(scene.test.port), '-m', 'statistic', '--mode', 'random'];
  const rule = ['PREROUTING', ...match, '--probability', String(share), '-j', 'DROP'];
  const { exitCode, stderr } = await test.exec(['iptables', '-w', '-t', 'raw', action, ...rule]);
  if (exitCode !== 0) throw new BenchError('STEP_FAILED', `No loss on ${test.name}: ${stderr.toString()}`);
}
