/** A network that loses copies on their way to the test server. */
import { defineScenario, type Scenario } from '../stage/scenario';

const LOSSY_MS = 4_000;

const loss = (percent: number): Scenario =>
  defineScenario({
    name: `loss-${percent}`,
    title: `${percent} % of the packets to the test server are lost for ${LOSSY_MS / 1000} s`,
    teaches: 'The virtual TCP client sends again what was lost: every request arrives, once.',
    architecture: 'traditional',
    copying: {},
    expect: { copyingAfterwards: true, missing: 'none' },
    async play(stage) {
      const rule =
        `INPUT -p tcp --dport ${stage.scene.test.port} ` +
        `-m statistic --mode random --probability ${percent / 100} -j DROP`;
      await stage.shell(
        stage.test,
        stage.inTables((iptables) => `${iptables} -w -I ${rule}`),
      );
      await stage.wait(LOSSY_MS);
      await stage.shell(
        stage.test,
        stage.inTables((iptables) => `${iptables} -w -D ${rule}`),
      );
    },
  });

export const packetLoss: readonly Scenario[] = [loss(1), loss(5)];
