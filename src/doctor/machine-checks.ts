/** What either program needs of the machine that it runs on. */
import { printedRule } from '../firewall/print';
import type { Fate } from '../firewall/fate';
import { type Family, FAMILIES } from '../wire/address/address';
import { ok, unknown, wrong, type Check, type Finding } from './diagnosis';
import type { MachineFacts } from './facts';
import { iptablesOf } from '../firewall/tools';
import { ofFamily } from './families';

interface OnMachine {
  readonly machine: MachineFacts;
}

export const privileges: Check<OnMachine> = {
  id: 'privileges',
  find({ machine: { capabilities } }) {
    const missing = [
      ...(capabilities.netAdmin ? [] : ['CAP_NET_ADMIN']),
      ...(capabilities.netRaw ? [] : ['CAP_NET_RAW']),
    ];
    if (missing.length === 0) return [ok('CAP_NET_ADMIN and CAP_NET_RAW are there')];
    return [
      wrong(
        'no-privileges',
        `this process lacks ${missing.join(' and ')}`,
        'run it as root, or give a container both (docker run --cap-add NET_ADMIN --cap-add NET_RAW)',
      ),
    ];
  },
};

/** From here on new connections may be refused at the next burst. */
const CONNTRACK_FULL = 0.9;

export const conntrack: Check<OnMachine> = {
  id: 'conntrack',
  find({ machine: { conntrack: use } }) {
    if (!use) return [ok('this machine tracks no connections')];
    const evidence = `${use.count} of ${use.max} tracked connections`;
    if (use.count < use.max * CONNTRACK_FULL) return [ok(evidence)];
    return [wrong('conntrack-full', evidence, `sysctl -w net.netfilter.nf_conntrack_max=${use.max * 4}`)];
  },
};

/** Whether the verdicts on rules rest on all of them. */
export const rulesReadable: Check<OnMachine> = {
  id: 'firewall',
  find({ machine }) {
    const { rules, nativeTables } = machine;
    const unread = familiesOf(machine).filter((family) => !rules[family]);
    if (unread.length > 0)
      return unread.map((family) =>
        unknown(
          `${iptablesOf(family)}-save is not there, or fails: no rule for IPv${family} can be judged`,
          'apt-get install iptables',
        ),
      );
    if (!nativeTables)
      return [
        unknown('rules of iptables are judged; nft is not installed, so rules of its own would not be seen'),
      ];
    if (nativeTables.length === 0) return [ok('all rules are those of iptables')];
    return [
      unknown(
        `${nativeTables.join(', ')}: made with nft itself, and not understood here`,
        'read them: nft list ruleset',
      ),
    ];
  },
};

/** Those in which this machine has addresses that others know. */
export function familiesOf({ devices }: MachineFacts): readonly Family[] {
  const addresses = devices.flatMap((device) => (device.loopback ? [] : device.addresses));
  const found = FAMILIES.filter((family) => ofFamily(family, addresses).length > 0);
  return found.length > 0 ? found : [4];
}

/** How a rule or policy is told, and taken away. */
export function fateFinding(
  family: Family,
  fate: Fate,
  what: string,
  cause: 'output-dropped' | 'input-dropped' | 'control-port-blocked',
  mendPolicy: string,
): Finding {
  switch (fate.kind) {
    case 'passes':
      return ok(`no rule takes ${what} away`);
    case 'dropped':
      return 'text' in fate.by
        ? wrong(
            cause,
            `a rule takes ${what} away: ${printedRule(fate.by)}`,
            `${iptablesOf(family)} -D ${printedRule(fate.by)}`,
          )
        : wrong(cause, `the policy of ${fate.by.chain} (${fate.by.table}) drops ${what}`, mendPolicy);
    case 'uncertain':
      return unknown(
        `a rule may take some of ${what} away: ${printedRule(fate.by)}`,
        `read it: ${iptablesOf(family)}-save`,
      );
  }
}

/** Of one program: whether it runs here. */
export const running = (name: 'tcpcopy' | 'intercept'): Check<OnMachine> => ({
  id: 'running',
  find({ machine: { programs } }) {
    const pids = programs.filter((program) => program.name === name).map(({ pid }) => pid);
    if (pids.length === 0) return [unknown(`${name} does not run here`, 'start it when all else is right')];
    return [ok(`${name} runs (process ${pids.join(', ')})`)];
  },
});
