/** On the test server: what the rules make of its responses, and who listens on the queue. */
import { responsesOf } from '../firewall/flow';
import { guardRuleIn, type GuardRule, type QueueRange } from '../firewall/guard-rules';
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
  const { machine, copied } = facts;
  const queues = queuesOf(facts);
  const ports = [...new Set(copied.map(({ port }) => port))];
  const others = ports.filter((port) => !copied.some((one) => one.port === port && one.family === family));
  return others.flatMap((port) => {
    const heard = addressHeard(machine, { port, family });
    if (heard === undefined || guardOf(facts, { port, family })?.kind === 'present') return [];
    return [
      unknown(
        `no rule of ${iptablesOf(family)} catches responses of ${endpointText(heard, port)}: right as long as nothing is copied there`,
        `${ruleFor({ port, family }, queues)}; with --copied ${endpointText(heard, port)} it is judged`,
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
  const { machine } = facts;
  const { port, family } = copied;
  const guard = guardOf(facts, copied);
  if (!guard) return [];
  const queues = queuesOf(facts);
  const mend = ruleFor(copied, queues);
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
      return soundness(guard, copied, queues, mend);
  }
}

function soundness(
  guard: Present,
  { port, family }: CopiedPort,
  wanted: QueueRange,
  mend: string,
): Finding[] {
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
  if (queues.first !== wanted.first || queues.last !== wanted.last)
    faults.push(
      wrong(
        'guard-other-queue',
        `the rule leads to ${queuesText(queues)}, and intercept listens on ${queuesText(wanted)}: ${printedRule(rule)}`,
        queues.last - queues.first === wanted.last - wanted.first
          ? `intercept -Q ${queues.first}, or a rule with ${ledTo(wanted)}`
          : `${mend}; ${tool} -D ${printedRule(rule)}`,
      ),
    );
  return faults.length > 0 ? faults : [ok(`${responses} go to ${queuesText(queues)}: ${printedRule(rule)}`)];
}

/** One for each worker. */
function queuesOf({ caught, workers }: InterceptFacts): QueueRange {
  const first = caught.by === 'queue' ? caught.queue : 0;
  return { first, last: first + workers - 1 };
}

const queuesText = ({ first, last }: QueueRange): string =>
  first === last ? `queue ${first}` : `queues ${first} to ${last}`;

const ledTo = ({ first, last }: QueueRange): string =>
  first === last ? `--queue-num ${first}` : `--queue-balance ${first}:${last}`;

/** @param table `inet fw4` */
const isAskedFor = (table: string, family: Family): boolean =>
  table.startsWith('inet ') || table.startsWith(family === 6 ? 'ip6 ' : 'ip ');

const ruleFor = ({ port, family }: CopiedPort, queues: QueueRange): string =>
  `${iptablesOf(family)} -I OUTPUT -p tcp --sport ${port} -j NFQUEUE${queues.last === 0 ? '' : ` ${ledTo(queues)}`}`;

const boundQueue: Check<InterceptFacts> = {
  id: 'queue',
  find(facts) {
    if (facts.caught.by !== 'queue') return [];
    const { first, last } = queuesOf(facts);
    return Array.from({ length: last - first + 1 }, (_, worker) => listenerOn(facts, first + worker));
  },
};

function listenerOn({ machine: { queues, programs } }: InterceptFacts, queue: number): Finding {
  const intercepts = programs.filter(({ name }) => name === 'intercept');
  const bound = queues.find(({ number }) => number === queue);
  if (!bound) {
    const evidence = `nobody listens on queue ${queue}: the kernel drops what comes to it`;
    return intercepts.length > 0
      ? elsewhere(
          evidence,
          queue,
          queues.map(({ number }) => number),
        )
      : ok(evidence);
  }
  // The port id is the process id only for the first netlink socket of a process: another one proves nothing.
  if (intercepts.some(({ pid }) => pid === bound.portId)) return ok(`intercept listens on queue ${queue}`);
  if (intercepts.length > 0) return ok(`somebody, most likely intercept, listens on queue ${queue}`);
  return wrong(
    'queue-taken',
    `another program listens on queue ${queue} (process ${bound.portId})`,
    `end it, or give intercept and rule another queue: intercept -Q ${queue + 1}, --queue-num ${queue + 1}`,
  );
}

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
