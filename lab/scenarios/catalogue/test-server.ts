/** A test server that is down, slow, restarted, or cannot be found. */
import { defineScenario, type Scenario } from '../stage/scenario';
import type { Stage } from '../stage/stage';
import { REFUSED, UNARMED } from './losses';

const serve = ({ test, scene }: Stage): [typeof test, string] => [test, `serve-nginx ${scene.test.port}`];

export const testServer: readonly Scenario[] = [
  defineScenario({
    name: 'test-down',
    title: 'the server on the test server ends, and is started after 2 s',
    teaches: 'A closed port refuses copies: they are counted, and begun again at the next request.',
    architecture: 'traditional',
    server: 'nginx',
    copying: {},
    expect: { copyingAfterwards: true, missing: REFUSED },
    async play(stage) {
      await stage.shell(stage.test, 'pkill -TERM -x nginx');
      await stage.wait(2_000);
      await stage.shell(...serve(stage));
    },
  }),
  defineScenario({
    name: 'test-restarted',
    title: 'the server on the test server is killed (-9) and started at once',
    teaches:
      'The kernel resets the connections of a dead server: the guard catches these resets as any response.',
    architecture: 'traditional',
    server: 'nginx',
    copying: {},
    expect: { copyingAfterwards: true, missing: REFUSED },
    async play(stage) {
      await stage.wait(500);
      await stage.shell(stage.test, 'pkill -KILL -x nginx; sleep 0.1');
      await stage.shell(...serve(stage));
    },
  }),
  defineScenario({
    name: 'test-slow',
    title: 'the server on the test server stands still for 3 s',
    teaches: 'Copies wait for a slow test server, and the clients of the online server do not notice.',
    architecture: 'traditional',
    server: 'nginx',
    copying: {},
    expect: { copyingAfterwards: true, missing: 'none' },
    async play(stage) {
      await stage.shell(stage.test, 'pkill -STOP -x nginx');
      await stage.wait(3_000);
      await stage.shell(stage.test, 'pkill -CONT -x nginx');
    },
  }),
  defineScenario({
    name: 'test-not-found',
    title: 'the test server does not answer ARP for 5 s',
    teaches:
      'The online server cannot deliver copies, and must not complain to the clients, whose addresses they carry.',
    architecture: 'traditional',
    copying: {},
    expect: { copyingAfterwards: true, missing: [...UNARMED, ...REFUSED] },
    async play(stage) {
      const { address } = stage.scene.test;
      // A neighbour of IPv6 is asked for, and answers, by ICMPv6.
      const deaf = (action: '-I' | '-D', arp: 'off' | 'on'): string =>
        stage.family === 4
          ? `ip link set eth0 arp ${arp}`
          : `ip6tables -w ${action} INPUT -p icmpv6 --icmpv6-type neighbour-solicitation -j DROP`;
      await stage.shell(stage.test, deaf('-I', 'off'));
      await stage.shell(stage.online, `ip neigh del ${address} dev eth0`);
      await stage.wait(5_000);
      await stage.shell(stage.test, deaf('-D', 'on'));
    },
  }),
];
