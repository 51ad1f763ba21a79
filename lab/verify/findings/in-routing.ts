/** What is wrong with the routes that keep responses from clients, and with the assistants that they lead to. */
import { contains, familyIn, parseSubnet, placeOf } from '../../topology/addresses';
import { iptablesOf, ipOf } from '../../plan/families';
import type { CopyState } from '../evidence/copy-state';
import type { Moments } from '../evidence/evidence';
import type { Finding } from './finding';
import type { Rule, RuleSet } from '../../../src/firewall/iptables-save';
import type { RoutingState, Way } from '../evidence/routing-state';
import type { Scene, SceneAssistant } from '../evidence/scene';

/** A finding that holds after the load is told as that, with when it came; one that is over is told too. */
export function findInRouting(scene: Scene, { before, after }: Moments<CopyState>): Finding[] {
  return [waysWrong, policiesMissing, blackHolesMissing, forwarding, redirects].flatMap((find) => {
    const [were, are] = [before, after].map(({ routing, rules }) =>
      routing ? find(scene, routing, rules) : [],
    ) as [Finding[], Finding[]];
    const told = new Set(are.map(({ code }) => code));
    return [
      ...are.map((finding) => since(finding, were, ' It was not so before the load.')),
      ...were
        .filter(({ code }) => !told.has(code))
        .map((finding) => since(finding, are, ' It was so before the load only.')),
    ];
  });
}

function since(finding: Finding, others: readonly Finding[], when: string): Finding {
  const isNew = !others.some(({ code }) => code === finding.code);
  return isNew ? { ...finding, message: `${finding.message}${when}` } : finding;
}

interface Routed {
  readonly assistant: SceneAssistant;
  readonly sources: string;
}

const routesOf = ({ assistants }: Scene): Routed[] =>
  assistants.flatMap((assistant) => assistant.sources.map((sources) => ({ assistant, sources })));

const routeCommand = ({ test }: Scene, { assistant, sources }: Routed): string =>
  `on ${test.name}: ip route replace ${sources} via ${assistant.gateways[sources]}`;

/** One finding for each range, by the first address in it whose packets do not go to the assistant. */
function waysWrong(scene: Scene, { ways }: RoutingState): Finding[] {
  const routes = routesOf(scene).map((routed) => ({ routed, range: parseSubnet(routed.sources)! }));
  const isIn = ({ range }: (typeof routes)[number], to: string): boolean => contains(range, placeOf(to));
  const routed = routes.flatMap((route): Finding[] => {
    const gateway = route.routed.assistant.gateways[route.routed.sources];
    const wrong = ways.find(
      ({ to, goes }) => isIn(route, to) && !(goes.kind === 'by' && goes.gateway === gateway),
    );
    return wrong ? [wayFinding(scene, route.routed, wrong)] : [];
  });
  // A client that has other addresses in its copies is to get nothing at all.
  const open = ways.find(
    ({ to, goes }) => goes.kind !== 'nowhere' && !routes.some((route) => isIn(route, to)),
  );
  return open ? [...routed, openWay(scene, open)] : routed;
}

function openWay({ test: { name } }: Scene, { to }: Way): Finding {
  return {
    code: 'route-direct',
    message: `${name} has a way to ${to}, a client's address that no copy has: what it sends there reaches the client.`,
    mend: `on ${name}: ip route add blackhole ${to}`,
  };
}

function wayFinding(scene: Scene, routed: Routed, { to, goes }: Way): Finding {
  const { name } = scene.test;
  const { assistant, sources } = routed;
  const mend = routeCommand(scene, routed);
  switch (goes.kind) {
    case 'nowhere':
      return {
        code: 'route-missing',
        message:
          `${name} has no route to ${sources}: its responses go nowhere, ` +
          `and intercept on ${assistant.name} never hears of them.`,
        mend,
      };
    case 'directly':
      return {
        code: 'route-direct',
        message: `${name} sends what is for ${to} to it directly, and not to ${assistant.name}: responses reach the client.`,
        mend: `${mend} (and ip route get ${to}: is there a better one?)`,
      };
    case 'by':
      return {
        code: 'route-elsewhere',
        message: `${name} sends what is for ${to} by way of ${goes.gateway}, and not by ${assistant.gateways[sources]}, to ${assistant.name}.`,
        mend,
      };
  }
}

/** A router knows the way to the clients, which is the wrong one for responses. */
function policiesMissing({ test, assistants }: Scene, { passed }: RoutingState): Finding[] {
  return passed.flatMap(({ router, assistant, to, goes }): Finding[] => {
    const { by, sources } = assistants.find(({ name }) => name === assistant)!;
    const { nexts, tables } = by.find(({ name }) => name === router)!;
    const range = sources.find((one) => contains(parseSubnet(one)!, placeOf(to)))!;
    const next = nexts[range]!;
    if (goes.kind === 'by' && goes.gateway === next) return [];
    const from = test.addresses.find((address) => familyIn(address) === familyIn(range));
    const ip = ipOf(familyIn(range)!).join(' ');
    const table = tables[range]!;
    const comes = goes.kind === 'nowhere' ? 'which never get there' : 'but where its other routes lead';
    return [
      {
        code: 'policy-missing',
        message: `${router} does not send responses of ${test.name} to ${range} to ${assistant}, ${comes}.`,
        mend: `on ${router}: ip route replace ${range} via ${next} table ${table}; ${ip} rule add from ${from} to ${range} lookup ${table}`,
      },
    ];
  });
}

function blackHolesMissing(scene: Scene, { blackHoles }: RoutingState): Finding[] {
  const { name } = scene.test;
  return routesOf(scene)
    .filter(({ sources }) => !blackHoles.includes(sources))
    .map(({ sources }) => ({
      code: 'black-hole-missing',
      message: `On ${name} there is no black hole behind the route to ${sources}: without the route, responses would reach the clients.`,
      mend: `on ${name}: ip route add blackhole ${sources} metric 4096`,
    }));
}

function forwarding(_scene: Scene, { assistants }: RoutingState): Finding[] {
  return assistants
    .filter((assistant) => assistant.forwarding.length > 0)
    .map(({ name, forwarding: settings }) => ({
      code: 'assistant-forwards',
      message: `${name} lets packets on (not 0: ${settings.join(', ')}): responses that are routed to it reach the clients.`,
      mend: `on ${name}: sysctl -w ${settings.some((setting) => setting.startsWith('net.ipv6')) ? 'net.ipv6.conf.all.forwarding' : 'net.ipv4.ip_forward'}=0`,
    }));
}

function redirects(
  { test: { name, addresses } }: Scene,
  { acceptingRedirects }: RoutingState,
  rules: CopyState['rules'],
): Finding[] {
  return addresses.flatMap((address): Finding[] => {
    const family = familyIn(address)!;
    const { option, text, settings, version } = REDIRECTS[family];
    const accepting = acceptingRedirects.filter((setting) => setting.startsWith(settings));
    if (accepting.length === 0 || firstOfInput(rules[family])?.text === text) return [];
    return [
      {
        code: 'redirects-accepted',
        message: `${name} believes ICMP${version} redirects (not 0: ${accepting.join(', ')}), which would show it the way past the assistant.`,
        mend: `on ${name}: ${iptablesOf(family)} -I INPUT ${option} redirect -j DROP`,
      },
    ];
  });
}

const REDIRECTS = {
  4: {
    version: '',
    settings: 'net.ipv4.',
    option: '-p icmp --icmp-type',
    text: '-p icmp -m icmp --icmp-type 5 -j DROP',
  },
  6: {
    version: 'v6',
    settings: 'net.ipv6.',
    option: '-p icmpv6 --icmpv6-type',
    text: '-p ipv6-icmp -m icmp6 --icmpv6-type 137 -j DROP',
  },
} as const;

/** The first rule that decides on what comes in. */
const firstOfInput = ({ filter }: RuleSet): Rule | undefined =>
  filter?.rules.find(({ chain, target }) => chain === 'INPUT' && target !== undefined);
