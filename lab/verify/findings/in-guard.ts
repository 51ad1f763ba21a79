/** What is wrong with the rule that keeps responses from clients, and with its queue. */
import type { Family } from '../../topology/addresses';
import { familyOfText, iptablesOf } from '../../plan/families';
import type { CopyState } from '../evidence/copy-state';
import type { Moments } from '../evidence/evidence';
import type { Finding } from './finding';
import { guardRuleIn, type GuardRule } from '../../../src/firewall/guard-rules';
import { responsesOf, type Flow } from '../../../src/firewall/flow';
import type { Rule } from '../../../src/firewall/iptables-save';
import { printedRule } from '../../../src/firewall/print';
import { sourcePortsOf } from '../../../src/firewall/rule-coverage';
import { sceneDevice, type Scene } from '../evidence/scene';

type Present = Extract<GuardRule, { kind: 'present' }>;
type Absent = Exclude<GuardRule, Present>;

interface PresentMoment {
  readonly guard: Present;
  readonly state: CopyState;
}

/** What the guard must catch, of each family that is copied. */
export const responsesIn = ({ test, passlist }: Scene): FamilyResponses[] =>
  test.addresses.map((address) => {
    const family = familyOfText(address);
    const passed = passlist.filter((one) => familyOfText(one) === family);
    return {
      family,
      flow: responsesOf({
        addresses: [address],
        port: test.port,
        devices: [sceneDevice(test)],
        passlist: passed,
      }),
    };
  });

interface FamilyResponses {
  readonly family: Family;
  readonly flow: Flow;
}

export const findInGuard = (scene: Scene, state: Moments<CopyState>): Finding[] =>
  responsesIn(scene).flatMap((responses) => findInGuardOf(responses, scene, state));

function findInGuardOf(
  { family, flow }: FamilyResponses,
  scene: Scene,
  { before, after }: Moments<CopyState>,
): Finding[] {
  const was = guardRuleIn(before.rules[family], flow);
  const is = guardRuleIn(after.rules[family], flow);
  const moments = [
    { guard: was, state: before },
    { guard: is, state: after },
  ].filter((moment): moment is PresentMoment => moment.guard.kind === 'present');
  // The same finding at both moments is one.
  const faults = [bypassOf, shadowOf, unboundQueueOf].flatMap((find) =>
    moments
      .map((moment) => find(scene, moment, iptablesOf(family)))
      .filter((finding) => finding !== undefined)
      .slice(0, 1),
  );
  return [...findAbsence(scene, was, is, iptablesOf(family)), ...faults];
}

function findAbsence(scene: Scene, was: GuardRule, is: GuardRule, iptables: string): Finding[] {
  const { name, port } = scene.test;
  const absent = [is, was].find((guard) => guard.kind !== 'present');
  if (!absent) return [];
  const since =
    was.kind === 'present'
      ? ' It was there before the load.'
      : is.kind === 'present'
        ? ' It came while the load ran.'
        : '';
  return [
    {
      code: `guard-rule-${absent.kind}`,
      message: `${absence(scene, absent, iptables)}${since}`,
      mend: `on ${name}: ${iptables} -I OUTPUT -p tcp --sport ${port} -j NFQUEUE`,
    },
  ];
}

function absence({ test: { name, port } }: Scene, guard: Absent, iptables: string): string {
  const over = iptables === 'ip6tables' ? ' (ip6tables)' : '';
  switch (guard.kind) {
    case 'missing':
      return `There is no NFQUEUE rule for port ${port} on ${name}${over}: its responses are not caught.`;
    case 'wrong-port':
      return (
        `The NFQUEUE rule on ${name}${over} is for ${portsOf(guard.rule)}, but port ${port} is copied: ` +
        `responses of port ${port} are not caught.`
      );
    case 'wrong-chain':
      return (
        `The NFQUEUE rule on ${name}${over} stands in ${guard.rule.chain} of the table ${guard.rule.table}, ` +
        `where responses do not come by: ${printedRule(guard.rule)}.`
      );
    case 'partial':
      return `The NFQUEUE rule on ${name}${over} does not catch every response of port ${port}: ${printedRule(guard.rule)}.`;
  }
}

function bypassOf(
  { test: { name, port } }: Scene,
  { guard: { bypass } }: PresentMoment,
  iptables: string,
): Finding | undefined {
  return (
    bypass && {
      code: 'guard-bypass',
      message: `The NFQUEUE rule on ${name} has --queue-bypass: whenever intercept does not listen, responses go out to the clients.`,
      mend: `on ${name}: ${iptables} -D ${printedRule(bypass)}; ${iptables} -I OUTPUT -p tcp --sport ${port} -j NFQUEUE`,
    }
  );
}

function shadowOf(
  { test: { name } }: Scene,
  { guard: { behind } }: PresentMoment,
  iptables: string,
): Finding | undefined {
  return (
    behind && {
      code: 'guard-rule-shadowed',
      message:
        behind.effect === 'lets-out'
          ? `On ${name} a rule before the guard lets responses out: ${printedRule(behind.rule)}`
          : `On ${name} a rule before the guard drops the responses, so that intercept never sees them: ${printedRule(behind.rule)}`,
      mend: `on ${name}: put the NFQUEUE rule first (${iptables} -D and -I)`,
    }
  );
}

/** Without intercept nobody binds the queue; that is a finding of its own. */
function unboundQueueOf(
  { test: { name } }: Scene,
  { guard, state: { boundQueues, intercept } }: PresentMoment,
): Finding | undefined {
  if (intercept === undefined) return undefined;
  const { first, last } = guard.queues;
  const unbound = Array.from({ length: last - first + 1 }, (_, index) => first + index).find(
    (number) => !boundQueues.includes(number),
  );
  if (unbound === undefined) return undefined;
  return {
    code: 'guard-queue-unbound',
    message:
      `The NFQUEUE rule on ${name} hands responses to queue ${unbound}, where nobody listens: ` +
      `the kernel drops them, and tcpcopy never hears of them.`,
    mend: `give rule and intercept the same queue (iptables: --queue-num, intercept: -Q)`,
  };
}

function portsOf(rule: Rule): string {
  const [match] = sourcePortsOf(rule);
  const ports = match?.values[0] ?? '';
  if (match?.negated) return `every port but ${ports}`;
  return `${/[,:]/.test(ports) ? 'ports' : 'port'} ${ports}`;
}
