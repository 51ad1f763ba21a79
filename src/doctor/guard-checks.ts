/** On the test server: what the rules make of its responses, and who listens on the queue. */
import { responsesOf } from '../firewall/flow';
import { guardRuleIn, type GuardRule } from '../firewall/guard-rules';
import { printedRule } from '../firewall/print';
import { ok, unknown, wrong, type Check, type Finding } from './diagnosis';
import type { InterceptFacts } from './facts';

type Present = Extract<GuardRule, { kind: 'present' }>;

const guardRule: Check<InterceptFacts> = {
  id: 'guard-rule',
  find(facts) {
    const { caught, copiedPorts, machine } = facts;
    if (caught.by !== 'queue' || !machine.rules) return [];
    if (copiedPorts.length === 0)
      return [
        wrong(
          'guard-rule-missing',
          'no rule leads any port to an NFQUEUE',
          'iptables -I OUTPUT -p tcp --sport <copied port> -j NFQUEUE (and name the port to this doctor: --copied)',
        ),
      ];
    return copiedPorts.flatMap((port) => findingsOn(facts, port));
  },
};

function findingsOn({ machine, caught, passlist }: InterceptFacts, port: number): Finding[] {
  const devices = machine.devices.filter(({ up, loopback }) => up && !loopback);
  const guard = guardRuleIn(
    machine.rules!,
    responsesOf({
      addresses: devices.flatMap(({ addresses }) => addresses),
      port,
      devices: devices.map(({ name }) => name),
      passlist,
    }),
  );
  const queue = caught.by === 'queue' ? caught.queue : 0;
  const mend = ruleFor(port, queue);
  switch (guard.kind) {
    case 'missing':
      // Rules of nft itself may do what iptables' do not.
      return (machine.nativeTables ?? []).length > 0
        ? [
            unknown(
              `no rule of iptables leads responses of port ${port} to an NFQUEUE; one of nft may`,
              'nft list ruleset',
            ),
          ]
        : [wrong('guard-rule-missing', `no rule leads responses of port ${port} to an NFQUEUE`, mend)];
    case 'wrong-port':
      return [
        wrong(
          'guard-rule-wrong-port',
          `the rule is for another port than ${port}: ${printedRule(guard.rule)}`,
          mend,
        ),
      ];
    case 'wrong-chain':
      return [
        wrong(
          'guard-rule-wrong-chain',
          `responses of port ${port} do not come by the rule: ${printedRule(guard.rule)}`,
          `iptables -D ${printedRule(guard.rule)}; ${mend}`,
        ),
      ];
    case 'partial':
      return [
        wrong(
          'guard-rule-partial',
          `the rule does not catch every response of port ${port}: ${printedRule(guard.rule)}`,
          mend,
        ),
      ];
    case 'present':
      return soundness(guard, port, queue, mend);
  }
}

function soundness(guard: Present, port: number, queue: number, mend: string): Finding[] {
  const { rule, behind, bypass, queues } = guard;
  const faults: Finding[] = [];
  if (bypass)
    faults.push(
      wrong(
        'guard-bypass',
        `the rule has --queue-bypass: ${printedRule(bypass)}`,
        `iptables -D ${printedRule(bypass)}; ${mend}`,
      ),
    );
  if (behind)
    faults.push(
      wrong(
        'guard-rule-shadowed',
        behind.effect === 'lets-out'
          ? `a rule before the guard lets responses of port ${port} out: ${printedRule(behind.rule)}`
          : `a rule before the guard drops responses of port ${port}, so that intercept never sees them: ${printedRule(behind.rule)}`,
        `iptables -D ${printedRule(rule)}; ${mend} (it must come first)`,
      ),
    );
  if (queues.first !== queue || queues.last !== queue) {
    const others =
      queues.first === queues.last ? `queue ${queues.first}` : `queues ${queues.first} to ${queues.last}`;
    faults.push(
      wrong(
        'guard-other-queue',
        `the rule leads to ${others}, and intercept listens on queue ${queue}: ${printedRule(rule)}`,
        `intercept -Q ${queues.first}, or a rule with --queue-num ${queue}`,
      ),
    );
  }
  return faults.length > 0
    ? faults
    : [ok(`responses of port ${port} go to queue ${queue}: ${printedRule(rule)}`)];
}

const ruleFor = (port: number, queue: number): string =>
  `iptables -I OUTPUT -p tcp --sport ${port} -j NFQUEUE${queue === 0 ? '' : ` --queue-num ${queue}`}`;

const boundQueue: Check<InterceptFacts> = {
  id: 'queue',
  find({ caught, machine: { queues, programs } }) {
    if (caught.by !== 'queue') return [];
    const intercepts = programs.filter(({ name }) => name === 'intercept');
    const bound = queues.find(({ number }) => number === caught.queue);
    if (!bound) {
      const evidence = `nobody listens on queue ${caught.queue}: the kernel drops what comes to it`;
      return [
        intercepts.length > 0
          ? elsewhere(
              evidence,
              caught.queue,
              queues.map(({ number }) => number),
            )
          : ok(evidence),
      ];
    }
    // The port id is the process id only for the first netlink socket of a process: another one proves nothing.
    if (intercepts.some(({ pid }) => pid === bound.portId))
      return [ok(`intercept listens on queue ${caught.queue}`)];
    if (intercepts.length > 0)
      return [ok(`somebody, most likely intercept, listens on queue ${caught.queue}`)];
    return [
      wrong(
        'queue-taken',
        `another program listens on queue ${caught.queue} (process ${bound.portId})`,
        `end it, or give intercept and rule another queue: intercept -Q ${caught.queue + 1}, --queue-num ${caught.queue + 1}`,
      ),
    ];
  },
};

const elsewhere = (evidence: string, queue: number, bound: readonly number[]): Finding =>
  wrong(
    'guard-other-queue',
    `${evidence}; the intercept that runs listens on ${bound.length > 0 ? `queue ${bound.join(', ')}` : 'none'}`,
    `restart intercept with -Q ${queue}`,
  );

export const guardChecks: readonly Check<InterceptFacts>[] = [guardRule, boundQueue];
