/** The guard of a data-link copy, asked from the test server and the assistants. */
import { FAMILIES } from '../../../src/wire/address/address';
import type { LabNode, RunningLab } from '../../engine/commands/lab';
import { addressAt, familyIn, parseSubnet } from '../../topology/addresses';
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
const FORWARDING = 'grep -sH . /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv[46]/conf/*/forwarding';
const REDIRECTS = 'grep -sH . /proc/sys/net/ipv[46]/conf/*/accept_redirects';

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
    const asked = sources.map((range) => addressAt(parseSubnet(range)!.base));
    const answers = by.map(async ({ name: router, device }) => {
      const ways = scene.test.addresses.map(async (from) => {
        const own = asked.filter((one) => familyIn(one) === familyIn(from));
        const words = ['sh', '-c', ASK_PASSED, 'sh', from, device, ...own];
        return waysIn(await ask(lab.node(router), ...words), own);
      });
      const said = (await Promise.all(ways)).flat();
      return said.map((way) => ({ ...way, router, assistant: name }));
    });
    return (await Promise.all(answers)).flat();
  };
  const [passed, ways, blackHoles, redirects, ...assistants] = await Promise.all([
    Promise.all(scene.assistants.map(passedWays)),
    ask(test, 'sh', '-c', ASK_WAYS, 'sh', ...destinations),
    Promise.all(
      FAMILIES.map(async (family) =>
        blackHolesIn(await ask(test, 'ip', `-${family}`, '-j', 'route', 'show', 'type', 'blackhole'), family),
      ),
    ),
    ask(test, 'sh', '-c', REDIRECTS),
    ...scene.assistants.map(assistantState),
  ]);
  return {
    ways: waysIn(ways, destinations),
    blackHoles: blackHoles.flat(),
    acceptingRedirects: settingsOnIn(redirects),
    assistants,
    passed: passed.flat(),
  };
}

/** Of each range the first address; and the clients, for which there may be routes of their own. */
function destinationsOf({ assistants, clients }: Scene): string[] {
  const firstOf = (range: string): string => addressAt(parseSubnet(range)!.base);
  const ranges = [
    ...assistants.flatMap(({ sources }) => sources),
    ...clients.flatMap(({ sources }) => sources ?? []),
  ];
  return [...new Set([...ranges.map(firstOf), ...clients.flatMap(({ addresses }) => addresses)])];
}
