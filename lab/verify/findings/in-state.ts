/** What is wrong with the set-up: before the load, after it, or since it. */
import { hostText } from '../../plan/families';
import { inBackground, passlistOption, serverOption } from '../../plan/flavour';
import type { CopyState } from '../evidence/copy-state';
import type { Moments } from '../evidence/evidence';
import { findInGuard } from './in-guard';
import { findInRouting } from './in-routing';
import type { Finding } from './finding';
import { sceneDevice, type Scene } from '../evidence/scene';

export function findInState(scene: Scene, state: Moments<CopyState>): Finding[] {
  const guard = scene.assistants.length > 0 ? findInRouting(scene, state) : findInGuard(scene, state);
  return [...guard, ...findInPrograms(scene, state)];
}

/** Where intercept is, and how both programs are started. */
function setUpOf(
  { flavour, online, test, assistants, passlist }: Scene,
  { before, after }: Moments<CopyState>,
) {
  const transfer = test.addresses
    .map((address) => `${online.port}-${hostText(address)}:${test.port}`)
    .join(',');
  const intercept = (options: string): string =>
    ['intercept', options, ...inBackground(flavour, 'intercept')].join(' ');
  const tcpcopy = (server: string): string =>
    ['tcpcopy -x', transfer, ...serverOption(flavour, server), ...inBackground(flavour, 'tcpcopy')].join(' ');
  if (assistants.length === 0) {
    return {
      node: test.name,
      intercept: intercept(
        [
          ...passlistOption(flavour, passlist),
          ...(test.addresses.length > 1 ? [] : ['-b', test.address]),
        ].join(' '),
      ),
      tcpcopy: tcpcopy(online.address),
    };
  }
  const lost = [after, before]
    .flatMap(({ routing }) => routing?.assistants ?? [])
    .find(({ intercept }) => intercept === undefined);
  return {
    node: lost?.name ?? assistants.map(({ name }) => name).join(', '),
    intercept: intercept(`-i ${sceneDevice(assistants[0] ?? test)} -F 'tcp and src port ${test.port}'`),
    tcpcopy: tcpcopy(assistants.map(({ address }) => address).join(',')),
  };
}

function findInPrograms(scene: Scene, state: Moments<CopyState>): Finding[] {
  const { before, after } = state;
  const { online } = scene;
  const setUp = setUpOf(scene, state);
  const findings: Finding[] = [];
  const programs = [
    { name: 'intercept', node: setUp.node, command: setUp.intercept },
    { name: 'tcpcopy', node: online.name, command: setUp.tcpcopy },
  ] as const;
  for (const { name, node, command } of programs) {
    if (before[name] !== undefined && after[name] !== undefined) continue;
    const message =
      before[name] === undefined && after[name] === undefined
        ? `${name} does not run on ${node}.`
        : before[name] === undefined
          ? `${name} did not run on ${node} before the load; it does now.`
          : `${name} ran on ${node} before the load and is gone.`;
    findings.push({
      code: `${name}-not-running`,
      message,
      mend: `on ${node}: ${command} (its log: /var/log/${name}.log)`,
    });
  }
  const bothRan = findings.length === 0;
  const wanted = Math.max(1, scene.assistants.length);
  if (bothRan && Math.min(before.controlConnections, after.controlConnections) < wanted) {
    const when = before.controlConnections >= wanted ? ' any more' : '';
    const each = wanted === 1 ? 'intercept' : `each of the ${wanted} intercepts`;
    findings.push({
      code: 'control-not-connected',
      message: `tcpcopy on ${online.name} has no connection to ${each} on ${setUp.node}${when}.`,
      mend: `see /var/log/tcpcopy.log on ${online.name}: is the address of -s right, and is intercept's port reachable?`,
    });
  }
  return findings;
}
