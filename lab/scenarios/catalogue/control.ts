/** The control channel between the two programs: cut, slow, flooded. */
import { controlPort } from '../../plan/parts';
import { defineScenario, type Scenario } from '../stage/scenario';
import type { Stage } from '../stage/stage';
import { DETECTION_MS, RESUMPTION_MS } from './limits';
import { UNARMED } from './losses';

const CUT_MS = 3_000;

/** iptables on the node of intercept, in both directions. */
function control(stage: Stage, action: '-I' | '-D', match = ''): string {
  const rule = (chain: string, port: string): string =>
    stage.inTables(
      (iptables) => `${iptables} -w ${action} ${chain} -p tcp ${port} ${controlPort} ${match} -j DROP`,
    );
  return `${rule('INPUT', '--dport')} && ${rule('OUTPUT', '--sport')}`;
}

const flood = (address: string): string =>
  `for i in $(seq 150); do (exec 3<>/dev/tcp/${address}/${controlPort}; head -c 20000 /dev/urandom >&3; sleep 0.5) 2>/dev/null & done; wait`;

async function playCut(stage: Stage): Promise<void> {
  await stage.wait(500);
  await stage.loseBy(stage.guardian, control(stage, '-I'));
  await stage.wait(CUT_MS);
  await stage.restore(() => stage.shell(stage.guardian, control(stage, '-D')));
}

const afterCut = {
  copyingAfterwards: true,
  missing: UNARMED,
  detectsWithin_ms: DETECTION_MS,
  // The connection goes on when the kernel tries again, or is made anew.
  resumesWithin_ms: 2 * RESUMPTION_MS,
};

export const controlChannel: readonly Scenario[] = [
  defineScenario({
    name: 'control-cut',
    title: `nothing passes the control channel for ${CUT_MS / 1000} s`,
    teaches:
      'Without news that the guard is proven nothing is sent, and without a person it goes on when there are some.',
    architecture: 'traditional',
    copying: {},
    expect: afterCut,
    play: playCut,
  }),
  defineScenario({
    name: 'data-link-control-cut',
    title: `nothing passes the control channel to the assistant for ${CUT_MS / 1000} s`,
    teaches: 'The assistant cannot tell tcpcopy that its guard holds, and so nothing is sent.',
    architecture: 'data-link',
    copying: {},
    expect: afterCut,
    play: playCut,
  }),
  defineScenario({
    name: 'control-slow',
    title: 'every fifth packet of the control channel is lost for 4 s',
    teaches:
      'A slow channel makes the copy pause again and again; nothing is lost unseen, and nothing leaks.',
    architecture: 'traditional',
    copying: {},
    expect: { copyingAfterwards: true, missing: UNARMED, resumesWithin_ms: 2 * RESUMPTION_MS },
    async play(stage) {
      const every = '-m statistic --mode random --probability 0.2';
      await stage.shell(stage.guardian, control(stage, '-I', every));
      await stage.wait(4_000);
      await stage.restore(() => stage.shell(stage.guardian, control(stage, '-D', every)));
    },
  }),
  defineScenario({
    name: 'control-flooded',
    title: '150 connections to the control port at once say nonsense',
    teaches: 'Who does not greet is dropped, and holds up nobody.',
    architecture: 'traditional',
    copying: {},
    expect: { copyingAfterwards: true, missing: 'none' },
    async play(stage) {
      const { scene } = stage;
      const [{ address }] = [...scene.assistants, scene.test] as const;
      await stage.shell(stage.client, `bash -c '${flood(address)}'`);
      await stage.wait(500);
    },
  }),
];
