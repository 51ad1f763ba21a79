/** This machine, asked. Changes nothing: the one rule that is tried is tried in a network namespace of its own. */
import { existsSync } from 'node:fs';
import { ask, textOf } from '../../src/process/ask';
import { reasonOf } from '../engine/docker/errors';
import { missingPackages } from '../engine/images/packages';
import { surveyEngine } from '../engine/survey';
import type { Topology } from '../topology/types';
import { bridgesAskIptables, collectBridgeFirewall, isEngineRemote } from './collect-firewall';
import type { HostFacts, Probe } from './host-facts';

export async function collectHost(topologies: readonly Topology[]): Promise<HostFacts> {
  const [survey, queueRule, iptables, mmdebstrap, firewall] = await Promise.all([
    surveyEngine().then(
      (engine) => ({ engine, fault: undefined }),
      (error: unknown) => ({ engine: undefined, fault: reasonOf(error) }),
    ),
    tryQueueRule(),
    ask('iptables', '-V'),
    ask('mmdebstrap', '--version'),
    collectBridgeFirewall(),
  ]);
  return {
    engine: survey.engine,
    engineFault: survey.fault,
    missingPackages: missingPackages(),
    kernel: {
      queueRule,
      iptables: textOf(iptables)?.trim(),
      packetSockets: existsSync('/proc/net/packet'),
    },
    bridgesAskIptables: bridgesAskIptables(),
    firewall,
    hasMmdebstrap: mmdebstrap.kind === 'said',
    topologies,
  };
}

async function tryQueueRule(): Promise<Probe> {
  if (isEngineRemote()) return { kind: 'not-asked', reason: 'the engine is on another machine' };
  if (process.getuid?.() !== 0)
    return { kind: 'not-asked', reason: 'only root may make a network namespace' };
  const rule = ['-I', 'OUTPUT', '-p', 'tcp', '-j', 'NFQUEUE'];
  const answer = await ask('unshare', '--net', 'iptables', ...rule);
  switch (answer.kind) {
    case 'said':
      return { kind: 'works' };
    case 'not-installed':
      return { kind: 'not-asked', reason: 'unshare is not installed' };
    case 'failed':
      return /No such file|failed to execute/.test(answer.reason) && /iptables/.test(answer.reason)
        ? { kind: 'not-asked', reason: 'iptables is not installed' }
        : { kind: 'fails', reason: answer.reason };
  }
}
