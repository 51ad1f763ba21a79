/** What is wrong with the set-up: before the load, after it, or since it. */
import type { CopyState } from './copy-state';
import type { Moments } from './evidence';
import type { Finding } from './finding';
import { guardRuleFor } from './guard-rules';
import type { Scene } from './scene';

export function findInState(scene: Scene, state: Moments<CopyState>): Finding[] {
  return [...guardFindings(scene, state), ...programFindings(scene, state)];
}

function guardFindings(scene: Scene, { before, after }: Moments<CopyState>): Finding[] {
  const { name, port } = scene.test;
  const was = guardRuleFor(before.outputRules, port);
  const is = guardRuleFor(after.outputRules, port);
  const insert = `on ${name}: iptables -I OUTPUT -p tcp --sport ${port} -j NFQUEUE`;
  const findings: Finding[] = [];
  const gone = was.kind === 'present' && is.kind !== 'present' ? ' It was there before the load.' : '';
  const late = was.kind !== 'present' && is.kind === 'present' ? ' It came while the load ran.' : '';
  const worse = is.kind === 'present' ? was : is;
  if (worse.kind === 'wrong-port') {
    findings.push({
      code: 'guard-rule-wrong-port',
      message:
        `The NFQUEUE rule on ${name} is for port ${worse.rule.sourcePort}, but port ${port} is copied: ` +
        `responses of port ${port} are not caught.${gone}${late}`,
      mend: insert,
    });
  } else if (worse.kind === 'missing') {
    findings.push({
      code: 'guard-rule-missing',
      message: `There is no NFQUEUE rule for port ${port} on ${name}: its responses are not caught.${gone}${late}`,
      mend: insert,
    });
  }
  const bypass = [was, is].find((guard) => guard.kind === 'present' && guard.rule.bypass);
  if (bypass?.kind === 'present') {
    findings.push({
      code: 'guard-bypass',
      message: `The NFQUEUE rule on ${name} has --queue-bypass: whenever intercept does not listen, responses go out to the clients.`,
      mend: `on ${name}: iptables -D OUTPUT ${bypass.rule.text}; iptables -I OUTPUT -p tcp --sport ${port} -j NFQUEUE`,
    });
  }
  const shadowed = [was, is].find((guard) => guard.kind === 'present' && guard.behind);
  if (shadowed?.kind === 'present') {
    findings.push({
      code: 'guard-rule-shadowed',
      message: `On ${name} a rule before the guard lets responses out: ${shadowed.behind!.text}`,
      mend: `on ${name}: put the NFQUEUE rule first (iptables -D and -I)`,
    });
  }
  return findings;
}

function programFindings(scene: Scene, { before, after }: Moments<CopyState>): Finding[] {
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
