/** What is wrong with the set-up: before the load, after it, or since it. */
import type { CopyState } from './copy-state';
import type { Moments } from './evidence';
import { findInGuard } from './find-in-guard';
import type { Finding } from './finding';
import type { Scene } from './scene';

export function findInState(scene: Scene, state: Moments<CopyState>): Finding[] {
  return [...findInGuard(scene, state), ...findInPrograms(scene, state)];
}

function findInPrograms(scene: Scene, { before, after }: Moments<CopyState>): Finding[] {
  const { online, test } = scene;
  const findings: Finding[] = [];
  const programs = [
    {
      name: 'intercept',
      node: test.name,
      command: `intercept -x ${scene.passlist.join(',')} -b ${test.address} -d`,
    },
    {
      name: 'tcpcopy',
      node: online.name,
      command: `tcpcopy -x ${online.port}-${test.address}:${test.port} -s ${online.address} -d`,
    },
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
  if (bothRan && Math.min(before.controlConnections, after.controlConnections) === 0) {
    const when = before.controlConnections > 0 ? ' any more' : '';
    findings.push({
      code: 'control-not-connected',
      message: `tcpcopy on ${online.name} has no connection to intercept on ${test.name}${when}.`,
      mend: `see /var/log/tcpcopy.log on ${online.name}: is the address of -s right, and is intercept's port reachable?`,
    });
  }
  return findings;
}
