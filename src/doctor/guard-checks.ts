/** On the test server: what the rules make of its responses, and who listens on the queue. */
import { responsesOf } from '../firewall/flow';
import { guardRuleIn, type GuardRule } from '../firewall/guard-rules';
import { printedRule } from '../firewall/print';
import type { Family } from '../wire/address/address';
import { ok, unknown, wrong, type Check, type Finding } from './diagnosis';
import type { Canary, CopiedPort, InterceptFacts, MachineFacts } from './facts';
import { iptablesOf } from '../firewall/tools';
import { endpointText, ipOf, ofFamily, over } from './families';
import { familiesOf } from './machine-checks';

type Present = Extract<GuardRule, { kind: 'present' }>;

const guardRule: Check<InterceptFacts> = {
  id: 'guard-rule',
  find(facts) {
    const { caught, copied, machine } = facts;
    const families = familiesOf(machine).filter((family) => machine.rules[family]);
    if (caught.by !== 'queue' || families.length === 0) return [];
    if (copied.length === 0)
      return [
        wrong(
          'guard-rule-missing',
          'no rule leads any port to an NFQUEUE',
          `${families.map(iptablesOf).join(' and ')} -I OUTPUT -p tcp --sport <copied port> -j NFQUEUE (and name the port to this doctor: --copied)`,
        ),
      ];
    return [
      ...copied.flatMap((one) => findingsOn(facts, one)),
      ...families.flatMap((family) => notCopiedOver(facts, family)),
    ];
  },
};

function guardOf({ machine, passlist }: InterceptFacts, { port, family }: CopiedPort): GuardRule | undefined {
  const rules = machine.rules[family];
  const devices = machine.devices.filter(({ up, loopback }) => up && !loopback);
  return (
    rules &&
    guardRuleIn(
      rules,
      responsesOf({
        addresses: ofFamily(
          family,
          devices.flatMap(({ addresses }) => addresses),
        ),
        port,
        devices: devices.map(({ name }) => name),
        passlist: ofFamily(family, passlist),
      }),
    )
  );
}

/** That the other family has no guard is right as long as nothing is copied over it. */
function notCopiedOver(facts: InterceptFacts, family: Family): Finding[] {
  const { machine, copied, caught } = facts;
  const queue = caught.by === 'queue' ? caught.queue : 0;
  const ports = [...new Set(copied.map(({ port }) => port))];
  const others = ports.filter((port) => !copied.some((one) => one.port === port && one.family === family));
  return others.flatMap((port) => {
    const heard = addressHeard(machine, { port, family });
    if (heard === undefined || guardOf(facts, { port, family })?.kind === 'present') return [];
    return [
      unknown(
        `no rule of ${iptablesOf(family)} catches responses of ${endpointText(heard, port)}: right as long as nothing is copied there`,
        `${ruleFor({ port, family }, queue)}; with --copied ${endpointText(heard, port)} it is judged`,
      ),
    ];
  });
}

/** An address of the family that others reach the port by, if somebody listens there. */
function addressHeard(
  { devices, listeners }: MachineFacts,
  { port, family }: CopiedPort,
): string | undefined {
  const own = devices.flatMap(({ up, loopback, addresses }) => (up && !loopback ? addresses : []));
  const bound = (listeners ?? []).flatMap((one) => (one.port === port ? [one.address] : []));
  return ofFamily(family, own).find((address) =>
    ofFamily(family, bound).some((one) => one === address || one === '::' || one === '0.0.0.0'),
  );
}

function findingsOn(facts: InterceptFacts, copied: CopiedPort): Finding[] {
  const { machine, caught } = facts;
  const { port, family } = copied;
  const guard = guardOf(facts, copied);
  if (!guard) return [];
  const queue = caught.by === 'queue' ? caught.queue : 0;
  const mend = ruleFor(copied, queue);
  const tool = iptablesOf(family);
  const responses = `responses of port ${port}${over(family)}`;
  switch (guard.kind) {
    case 'missing':
      if (facts.guardedPorts.includes(port)) return [];
      // Rules of nft itself may do what iptables' do not.
      return (machine.nativeTables ?? []).some((table) => isAskedFor(table, family))
        ? [unknown(`no rule of ${tool} leads ${responses} to an NFQUEUE; one of nft may`, 'nft list ruleset')]
        : [
            wrong(
              'guard-rule-missing',
              `no rule${family === 6 ? ' of ip6tables' : ''} leads ${responses} to an NFQUEUE`,
              mend,
            ),
          ];
    case 'wrong-port':
      return [
        wrong(
          'guard-rule-wrong-port',
          `the rule is for another port than ${port}${over(family)}: ${printedRule(guard.rule)}`,
          mend,
        ),
      ];
    case 'wrong-chain':
      return [
        wrong(
          'guard-rule-wrong-chain',
          `${responses} do not come by the rule: ${printedRule(guard.rule)}`,
          `${tool} -D ${printedRule(guard.rule)}; ${mend}`,
        ),
      ];
    case 'partial':
      return [
        wrong(
          'guard-rule-partial',
          `the rule does not catch every response of port ${port}${over(family)}: ${printedRule(guard.rule)}`,
          mend,
        ),
      ];
    case 'present':
      return soundness(guard, copied, queue, mend);
  }
}

function soundness(guard: Present, { port, family }: CopiedPort, queue: number, mend: string): Finding[] {
  const { rule, behind, bypass, queues } = guard;
  const tool = iptablesOf(family);
  const responses = `responses of port ${port}${over(family)}`;
  const faults: Finding[] = [];
  if (bypass)
    faults.push(
      wrong(
        'guard-bypass',
        `the rule has --queue-bypass: ${printedRule(bypass)}`,
        `${tool} -D ${printedRule(bypass)}; ${mend}`,
      ),
    );
  if (behind)
    faults.push(
      wrong(
        'guard-rule-shadowed',
        behind.effect === 'lets-out'
          ? `a rule before the guard lets ${responses} out: ${printedRule(behind.rule)}`
          : `a rule before the guard drops ${responses}, so that intercept never sees them: ${printedRule(behind.rule)}`,
        `${tool} -D ${printedRule(rule)}; ${mend} (it must come first)`,
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
  return faults.length > 0 ? faults : [ok(`${responses} go to queue ${queue}: ${printedRule(rule)}`)];
}

/** @param table `inet fw4` */
const isAskedFor = (table: string, family: Family): boolean =>
  table.startsWith('inet ') || table.startsWith(family === 6 ? 'ip6 ' : 'ip ');

const ruleFor = ({ port, family }: CopiedPort, queue: number): string =>
  `${iptablesOf(family)} -I OUTPUT -p tcp --sport ${port} -j NFQUEUE${queue === 0 ? '' : ` --queue-num ${queue}`}`;

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

const canaryRoute: Check<InterceptFacts> = {
  id: 'canary-route',
  find: ({ canaries }) => canaries.map(canaryFinding),
};

function canaryFinding({ address, way }: Canary): Finding {
  if (way.kind === 'goes')
    return ok(`there is a route to ${address}, for the proof that responses are caught`);
  if (way.kind === 'local')
    return unknown(
      `${address} is this machine's own, and so proves nothing`,
      'intercept --canary <an address that nobody has>',
    );
  const network = address === DISCARD_ADDRESS ? '100::/64' : address;
  return wrong(
    'no-route-to-canary',
    `there is no route to ${address} (${way.reason}): nothing can be sent there to prove that responses are caught`,
    `${ipOf(6)} route add ${network} dev lo`,
  );
}

/** RFC 6666, section 3. */
const DISCARD_ADDRESS = '100::1';

export const guardChecks: readonly Check<InterceptFacts>[] = [guardRule, boundQueue, canaryRoute];
