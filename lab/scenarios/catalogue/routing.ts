/** Routes and kernel parameters that a copy stands or falls by. */
import { defineScenario, type Scenario } from '../stage/scenario';
import type { Stage } from '../stage/stage';
import { DETECTION_MS, RESUMPTION_MS } from './limits';
import { REFUSED, UNARMED } from './losses';

/** The test server's route to the assistant, as words of ip-route(8). */
function routeOf({ scene }: Stage): string {
  const [{ sources, gateways }] = scene.assistants as [(typeof scene.assistants)[0]];
  return `${sources[0]} via ${gateways[sources[0]!]}`;
}

/** firewalld has it (IPv6_rpfilter). It stands behind the rules that count what came. */
const RP_FILTER = 'PREROUTING -m rpfilter --invert -j DROP';

const FORWARDING = { 4: 'net.ipv4.ip_forward', 6: 'net.ipv6.conf.all.forwarding' } as const;

export const routing: readonly Scenario[] = [
  defineScenario({
    name: 'assistant-forwards',
    title: 'the assistant begins to forward while copying, and stops again',
    teaches:
      'An assistant that forwards hands the responses on to the clients; intercept looks after that, too.',
    architecture: 'data-link',
    copying: {},
    expect: {
      // Looked after once a second.
      leaksFor_ms: 1_500,
      copyingAfterwards: true,
      missing: UNARMED,
      resumesWithin_ms: RESUMPTION_MS,
    },
    async play(stage) {
      const forward = (value: 0 | 1): Promise<void> =>
        stage.kernelParameter(stage.guardian, FORWARDING[stage.family], String(value));
      await stage.wait(500);
      try {
        await stage.lose(() => forward(1));
        await stage.wait(2_500);
      } finally {
        await stage.restore(() => forward(0));
      }
    },
  }),
  defineScenario({
    name: 'route-missing',
    title: 'the route to the assistant is forgotten, and added later',
    teaches:
      'Without the route intercept hears nothing, and the black hole behind it keeps everything from the clients.',
    architecture: 'data-link',
    expect: {
      copyingAfterwards: true,
      missing: [...UNARMED, ...REFUSED],
      resumesWithin_ms: RESUMPTION_MS,
    },
    async play(stage) {
      await stage.start('guard');
      await stage.shell(stage.test, `ip route del ${routeOf(stage)}`);
      await stage.start('intercept');
      await stage.start('tcpcopy');
      await stage.wait(1_500);
      await stage.restore(() => stage.shell(stage.test, `ip route add ${routeOf(stage)}`));
    },
  }),
  defineScenario({
    name: 'route-removed',
    title: 'the route to the assistant goes while copying, and comes back after 1.5 s',
    teaches: 'The black hole catches what the route does not lead away any more.',
    architecture: 'data-link',
    copying: {},
    expect: {
      copyingAfterwards: true,
      missing: [...UNARMED, ...REFUSED],
      detectsWithin_ms: DETECTION_MS,
      resumesWithin_ms: RESUMPTION_MS,
    },
    async play(stage) {
      await stage.wait(500);
      await stage.loseBy(stage.test, `ip route del ${routeOf(stage)}`);
      await stage.wait(1_500);
      await stage.restore(() => stage.shell(stage.test, `ip route add ${routeOf(stage)}`));
    },
  }),
  defineScenario({
    name: 'rp-filter-on',
    title: 'strict rp_filter on a test server whose way to the clients is another device',
    teaches:
      'With rp_filter the kernel drops packets of clients that it would not answer that way: nothing arrives.',
    architecture: 'traditional',
    copying: {},
    expect: { copyingAfterwards: true, missing: [...UNARMED, ...REFUSED] },
    async play(stage) {
      const routes = stage.scene.clients.map(({ address }) => `${address} dev lo`);
      const route = (action: 'add' | 'del'): Promise<string> =>
        stage.shell(stage.test, routes.map((words) => `ip route ${action} ${words}`).join(' && '));
      // IPv6 has no such parameter: firewalls do it by a rule.
      const filter = (value: 0 | 1): Promise<unknown> =>
        stage.family === 4
          ? stage.kernelParameter(stage.test, 'net.ipv4.conf.eth0.rp_filter', String(value))
          : stage.shell(stage.test, `ip6tables -w -t mangle ${value ? '-A' : '-D'} ${RP_FILTER}`);
      await route('add');
      try {
        await filter(1);
        await stage.wait(2_000);
      } finally {
        await filter(0);
        await route('del');
      }
    },
  }),
];
