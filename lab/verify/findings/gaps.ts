/** Places where nobody looked: what was not watched proves nothing. */
import type { Finding } from './finding';
import type { KernelCount } from '../evidence/kernel-count';
import type { Scene } from '../evidence/scene';
import {
  bridgeTap,
  underlayTap,
  elsewhereNodes,
  elsewhereTap,
  routerTap,
  type TapEvidence,
} from '../evidence/tap';
import { kernelWatches } from '../evidence/watch';

export function findGaps(
  scene: Scene,
  taps: readonly TapEvidence[],
  kernelCounts: readonly KernelCount[],
): Finding[] {
  const nodes = [...scene.clients, scene.online, scene.test, ...scene.assistants].map(({ name }) => name);
  const untapped = [
    ...nodes.filter((name) => !taps.some(({ node }) => node === name)),
    ...elsewhereNodes(scene)
      .filter((name) => !taps.some((tap) => tap.name === elsewhereTap(name)))
      .map((name) => `the other devices of ${name}`),
    ...scene.routers.flatMap(({ name, footholds }) =>
      footholds
        .filter(({ network }) => !taps.some((tap) => tap.name === routerTap(name, network)))
        .map(({ network }) => `${name}, on network ${network}`),
    ),
    ...scene.networks
      .flatMap(({ name, engines }) =>
        engines.length > 0
          ? engines.map((engine) => ({
              tap: underlayTap(name, engine),
              place: `the ${underlayTap(name, engine)}`,
            }))
          : [{ tap: bridgeTap(name), place: `the bridge of ${name}` }],
      )
      .filter(({ tap }) => !taps.some(({ name }) => name === tap))
      .map(({ place }) => place),
  ];
  const uncounted = kernelWatches(scene).filter(
    ({ id, node, hook }) =>
      !kernelCounts.some(({ watch }) => watch.id === id && watch.node === node && watch.hook === hook),
  );
  return [
    ...untapped.map((place) => ({
      code: 'tap-blind' as const,
      message: `There was no tap on ${place}, so that it saw no leak proves nothing.`,
    })),
    ...uncounted.map(({ node, meaning, hook }) => ({
      code: 'evidence-disagrees' as const,
      message: `On ${node} the kernel did not count ${meaning} (${hook}), so that nothing confirms the tap.`,
    })),
  ];
}
