/** The guard of a data-link copy, asked from the test server and the assistants. */
import type { LabNode, RunningLab } from '../../engine/nodes/lab';
import { formatAddress, parseSubnet } from '../../topology/addresses';
import {
  blackHolesIn,
  settingsOnIn,
  waysIn,
  type AssistantState,
  type PassedWay,
  type RoutingState,
} from '../evidence/routing-state';
import type { Scene, SceneAssistant } from '../evidence/scene';

const ASK_WAYS = 'for to; do ip -j route get "$to" 2>/dev/null || echo "[]"; done';
/** What came from the test server, by the device. */
const ASK_PASSED =
  'from=$1 device=$2; shift 2; for to; do ip -j route get "$to" from "$from" iif "$device" 2>/dev/null || echo "[]"; done';
const FORWARDING = 'grep -H . /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/*/forwarding';
const REDIRECTS = 'grep -H . /proc/sys/net/ipv4/conf/*/accept_redirects';

/** @param commandLineOf what runs intercept on a node */
export async function collectRouting(
  lab: RunningLab,
  scene: Scene,
  commandLineOf: (node: LabNode) => Promise<string | undefined>,
): Promise<RoutingState> {
  const destinations = destinationsOf(scene);
  const ask = async (node: LabNode, ...argv: string[]): Promise<string> =>
    (await node.exec(argv)).stdout.toString();
  const test = lab.node(scene.test.name);
  const assistantState = async ({ name }: SceneAssistant): Promise<AssistantState> => {
    const node = lab.node(name);
    const [intercept, settings] = await Promise.all([commandLineOf(node), ask(node, 'sh', '-c', FORWARDING)]);
    return { name, intercept, forwarding: settingsOnIn(settings) };
  };
  const passedWays = async ({ name, sources, by }: SceneAssistant): Promise<PassedWay[]> => {
    const asked = sources.map((range) => formatAddress(parseSubnet(range)!.base));
    const answers = by.map(async ({ name: router, device }) => {
      const words = ['sh', '-c', ASK_PASSED, 'sh', scene.test.address, device, ...asked];
      const said = waysIn(await ask(lab.node(router), ...words), asked);
      return said.map((way) => ({ ...way, router, assistant: name }));
    });
    return (await Promise.all(answers)).flat();
  };
  const [passed, ways, blackHoles, redirects, ...assistants] = await Promise.all([
    Promise.all(scene.assistants.map(passedWays)),
    ask(test, 'sh', '-c', ASK_WAYS, 'sh', ...destinations),
    ask(test, 'ip', '-j', 'route', 'show', 'type', 'blackhole'),
    ask(test, 'sh', '-c', REDIRECTS),
    ...scene.assistants.map(assistantState),
  ]);
  return {
    ways: waysIn(ways, destinations),
    blackHoles: blackHolesIn(blackHoles),
    acceptingRedirects: settingsOnIn(redirects),
    assistants,
    passed: passed.flat(),
  };
}

/** Of each range the first address; and the clients, for which there may be routes of their own. */
function destinationsOf({ assistants, clients }: Scene): string[] {
  const firstOf = (range: string): string => formatAddress(parseSubnet(range)!.base);
  const ranges = [
    ...assistants.flatMap(({ sources }) => sources),
    ...clients.flatMap(({ sources }) => sources ?? []),
  ];
  return [...new Set([...ranges.map(firstOf), ...clients.map(({ address }) => address)])];
}
