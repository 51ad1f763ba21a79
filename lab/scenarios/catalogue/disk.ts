/** Disks that are full. */
import { defineScenario, type Scenario } from '../stage/scenario';

/** A small tmpfs of the nodes. */
const FULL = 'dd if=/dev/zero of=/run/full bs=1M 2>/dev/null; true';

export const disk: readonly Scenario[] = [
  defineScenario({
    name: 'disk-full',
    title: 'the disks that both programs write their logs to are full for 3 s',
    teaches: 'A log line that cannot be written is counted and told later; the copy goes on without it.',
    architecture: 'traditional',
    copying: { intercept: ['-l', '/run/intercept.log'], tcpcopy: ['-l', '/run/tcpcopy.log'] },
    expect: { copyingAfterwards: true, missing: 'none' },
    async play(stage) {
      const nodes = [stage.online, stage.guardian];
      try {
        for (const node of nodes) await stage.shell(node, FULL);
        await stage.wait(3_000);
      } finally {
        for (const node of nodes) await stage.shell(node, 'rm -f /run/full');
      }
    },
  }),
];
