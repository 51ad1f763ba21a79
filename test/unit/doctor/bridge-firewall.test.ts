import {
  futureLabFindings,
  runningLabFindings,
  type BridgeFirewall,
} from '../../../lab/doctor/bridge-firewall';
import type { Finding } from '../../../src/doctor/diagnosis';
import { bridgeRulesIn, WAY_OF_EBTABLES } from '../../../src/firewall/ebtables-save';
import { rulesIn } from '../../../src/firewall/iptables-save';
import { nftRulesIn } from '../../../src/firewall/nft-ruleset';
import { WAY_ACROSS } from '../../../src/firewall/walk';
import dataLink from '../../../topologies/data-link';
import traditional from '../../../topologies/traditional';

const BRIDGE = 'br-ef9ffde3b6f5';
const INVALID = '-m conntrack --ctstate INVALID -j DROP';

/** As Docker 20.10 has its rules while a lab runs, with others before and in its chain for users. */
const docker = ({ before = [] as string[], users = [] as string[], lab = true } = {}): string =>
  [
    '*filter',
    ':INPUT ACCEPT [0:0]',
    ':FORWARD DROP [0:0]',
    ':DOCKER-ISOLATION-STAGE-1 - [0:0]',
    ':DOCKER-USER - [0:0]',
    ...before,
    '-A FORWARD -j DOCKER-USER',
    '-A FORWARD -j DOCKER-ISOLATION-STAGE-1',
    ...(lab ? [`-A FORWARD -i ${BRIDGE} -o ${BRIDGE} -j ACCEPT`] : []),
    '-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    ...(lab
      ? [
          `-A DOCKER-ISOLATION-STAGE-1 ! -s 198.18.10.0/24 -o ${BRIDGE} -j DROP`,
          `-A DOCKER-ISOLATION-STAGE-1 ! -d 198.18.10.0/24 -i ${BRIDGE} -j DROP`,
        ]
      : []),
    '-A DOCKER-ISOLATION-STAGE-1 -j RETURN',
    ...users.map((rule) => `-A DOCKER-USER ${rule}`),
    '-A DOCKER-USER -j RETURN',
    'COMMIT',
  ].join('\n');

const ofIptables = (saved: string): BridgeFirewall => ({ rules: rulesIn(saved), across: WAY_ACROSS });
const running = (firewall: BridgeFirewall, topology = traditional): Finding<string>[] =>
  runningLabFindings(firewall, topology, () => BRIDGE);
const told = (findings: readonly Finding<string>[]): string[] =>
  findings.map((finding) =>
    finding.verdict === 'wrong' ? `${finding.evidence}; ${finding.mend}` : finding.verdict,
  );

describe('a running lab', () => {
  test("has nothing wrong with Docker's rules alone", () => {
    expect(running(ofIptables(docker()))).toEqual([]);
  });

  test.each<[string, Parameters<typeof docker>[0], string]>([
    ['at the head of FORWARD', { before: [`-A FORWARD ${INVALID}`] }, `iptables -D FORWARD ${INVALID}`],
    ['by its older name', { before: ['-A FORWARD -m state --state INVALID -j DROP'] }, 'iptables -D FORWARD'],
    ['in DOCKER-USER', { users: [INVALID] }, `iptables -I DOCKER-USER -i ${BRIDGE} -o ${BRIDGE} -j ACCEPT`],
    [
      'in a chain of ufw',
      { before: ['-A FORWARD -j ufw-before-forward', `-A ufw-before-forward ${INVALID}`] },
      `iptables -I ufw-before-forward -i ${BRIDGE} -o ${BRIDGE} -j ACCEPT`,
    ],
    [
      'for bridged packets only',
      { before: [`-A FORWARD -m physdev --physdev-is-bridged ${INVALID}`] },
      'iptables -D FORWARD -m physdev',
    ],
    [
      'as all that is neither new nor known',
      { before: ['-A FORWARD -m conntrack ! --ctstate NEW,RELATED,ESTABLISHED -j DROP'] },
      'iptables -D FORWARD',
    ],
  ])('has the rule named that drops INVALID %s', (_, rules, mend) => {
    const findings = running(ofIptables(docker(rules)));
    expect(told(findings)).toEqual([expect.stringContaining(mend)]);
    expect(findings).toMatchObject([
      {
        cause: 'bridge-drops-packets',
        evidence: expect.stringContaining('what copies say to test behind their SYN'),
      },
    ]);
  });

  test('has a rule of the table raw named with an exception that stands there', () => {
    const saved = `*raw\n-A PREROUTING -p tcp -m conntrack --ctstate INVALID -j DROP\n${docker()}`;
    expect(told(running(ofIptables(saved)))).toEqual([
      expect.stringContaining(`iptables -I PREROUTING -i ${BRIDGE} -j ACCEPT -t raw`),
    ]);
  });

  test('has a policy named that lets nothing pass, where Docker makes no rules', () => {
    expect(told(running(ofIptables(docker({ lab: false }))))).toEqual([
      expect.stringContaining('what clients say to online passes'),
    ]);
  });

  test.each([
    ['behind the rule of Docker', docker().replace('COMMIT', `-A FORWARD ${INVALID}\nCOMMIT`)],
    ['for another bridge', docker({ before: [`-A FORWARD -i docker0 ${INVALID}`] })],
    ['for what comes to this machine itself', docker({ before: [`-A INPUT ${INVALID}`] })],
  ])('is let alone by a rule %s', (_, saved) => {
    expect(running(ofIptables(saved))).toEqual([]);
  });

  test('is let alone where both halves of a connection pass the bridge', () => {
    const firewall = ofIptables(docker({ before: [`-A FORWARD ${INVALID}`] }));
    expect(running(firewall, dataLink)).toEqual([]);
  });

  test('leaves open what a condition that is not understood takes away', () => {
    const firewall = ofIptables(docker({ before: ['-A FORWARD -m recent --name bad --update -j DROP'] }));
    expect(running(firewall)).toMatchObject([{ verdict: 'unknown' }]);
  });
});

describe('a lab that is yet to come', () => {
  const future = (firewall: BridgeFirewall): Finding<string>[] => futureLabFindings(firewall, traditional);

  test("has nothing wrong with Docker's rules, although nothing is let through before there is a rule for it", () => {
    expect(future(ofIptables(docker({ lab: false })))).toEqual([]);
  });

  test('has a rule named that Docker puts none before', () => {
    expect(told(future(ofIptables(docker({ lab: false, users: [INVALID] }))))).toEqual([
      expect.stringContaining('iptables -I DOCKER-USER -i br-+ -o br-+ -j ACCEPT'),
    ]);
  });

  test('leaves a rule open that Docker may put its own before', () => {
    const firewall = ofIptables(docker({ lab: false, before: [`-A FORWARD ${INVALID}`] }));
    expect(future(firewall)).toMatchObject([
      { verdict: 'unknown', evidence: expect.stringContaining(INVALID) },
    ]);
  });
});

describe('rules of other tools', () => {
  const rule = (chain: string, handle: number, ...expr: object[]) => ({
    rule: { family: 'inet', table: 'firewalld', chain, handle, expr },
  });
  const state = (op: string, right: unknown) => ({ match: { op, left: { ct: { key: 'state' } }, right } });
  /** As nft 1.0.6 tells what firewalld 1.3 makes. */
  const firewalld = (...rules: object[]): BridgeFirewall => {
    const text = JSON.stringify({
      nftables: [
        { metainfo: { version: '1.0.6', json_schema_version: 1 } },
        { table: { family: 'inet', name: 'firewalld', handle: 1 } },
        { chain: { family: 'inet', table: 'firewalld', name: 'others', handle: 1 } },
        {
          chain: {
            family: 'inet',
            table: 'firewalld',
            name: 'filter_FORWARD',
            handle: 2,
            type: 'filter',
            hook: 'forward',
            prio: 10,
            policy: 'accept',
          },
        },
        rule('filter_FORWARD', 10, state('==', { set: ['established', 'related'] }), { accept: null }),
        rule(
          'filter_FORWARD',
          11,
          { match: { op: 'in', left: { ct: { key: 'status' } }, right: 'dnat' } },
          { accept: null },
        ),
        ...rules,
        {
          chain: {
            family: 'ip',
            table: 'filter',
            name: 'FORWARD',
            handle: 1,
            type: 'filter',
            hook: 'forward',
            prio: 0,
          },
        },
        {
          rule: {
            family: 'ip',
            table: 'filter',
            chain: 'FORWARD',
            handle: 2,
            expr: [{ xt: { type: 'match', name: 'conntrack' } }, { drop: null }],
          },
        },
      ],
    });
    const { rules: native, across } = nftRulesIn(text);
    return { rules: { ...rulesIn(docker()), ...native }, across: [...across, ...WAY_ACROSS] };
  };

  test('of firewalld, are judged although Docker lets the packets through in tables of its own', () => {
    const drops = rule(
      'filter_FORWARD',
      13,
      state('in', 'invalid'),
      { counter: { packets: 0, bytes: 0 } },
      { drop: null },
    );
    expect(told(running(firewalld(drops)))).toEqual([
      expect.stringMatching(
        /a rule \(nft inet firewalld filter_FORWARD ct state invalid drop\).*nft insert rule inet firewalld filter_FORWARD iifname br-ef9ffde3b6f5 oifname br-ef9ffde3b6f5 accept.*nft delete rule inet firewalld filter_FORWARD handle 13/,
      ),
    ]);
  });

  test('of firewalld, are followed into other chains, and left where they let the bridge through', () => {
    const within = ['iifname', 'oifname'].map((key) => ({
      match: { op: '==', left: { meta: { key } }, right: key === 'iifname' ? 'br-*' : BRIDGE },
    }));
    const jump = rule('filter_FORWARD', 12, { jump: { target: 'others' } });
    const reject = rule('filter_FORWARD', 17, { reject: { type: 'icmpx', expr: 'admin-prohibited' } });
    expect(told(running(firewalld(jump, reject)))).toEqual([
      expect.stringContaining('clients say to online'),
    ]);
    expect(running(firewalld(jump, reject, rule('others', 18, ...within, { accept: null })))).toEqual([]);
  });

  test.each<[string, object[]]>([
    [
      'a verdict map',
      [{ vmap: { key: { ct: { key: 'state' } }, data: { set: [['invalid', { drop: null }]] } } }],
    ],
    ['a named map', [{ vmap: { key: { ct: { key: 'state' } }, data: '@verdicts' } }]],
    ['a limit', [{ limit: { rate: 10, per: 'second' } }, { drop: null }]],
    ['an operator that is not known', [state('<', 'invalid'), { drop: null }]],
  ])('with %s are left open', (_, expr) => {
    expect(running(firewalld(rule('filter_FORWARD', 14, ...expr)))).toMatchObject([{ verdict: 'unknown' }]);
  });

  const payload = (protocol: string, field: string, right: unknown) => ({
    match: { op: '==', left: { payload: { protocol, field } }, right },
  });

  test.each<[string, object[], boolean]>([
    ['the port of test', [payload('tcp', 'dport', 8080)], true],
    ['a range with it', [payload('tcp', 'dport', { range: [8000, 8100] })], true],
    ['a set with it', [payload('th', 'dport', { set: [22, 8080] })], true],
    ['another port', [payload('tcp', 'dport', 22)], false],
    ['the network', [payload('ip', 'saddr', { prefix: { addr: '198.18.10.0', len: 24 } })], true],
    ['another network', [payload('ip', 'daddr', { prefix: { addr: '10.0.0.0', len: 8 } })], false],
    ['another protocol', [{ match: { op: '==', left: { meta: { key: 'l4proto' } }, right: 'udp' } }], false],
    ['IPv6', [{ match: { op: '==', left: { meta: { key: 'nfproto' } }, right: 'ipv6' } }], false],
  ])('of nft, for %s, are understood', (_, conditions, drops) => {
    const findings = running(firewalld(rule('filter_FORWARD', 15, ...conditions, { drop: null })));
    expect(findings.map(({ verdict }) => verdict)).toEqual(drops ? ['wrong'] : []);
  });

  test.each<[string, string[], string | undefined]>([
    ['a policy', [':FORWARD DROP'], 'the policy of FORWARD (ebtables)'],
    [
      'a rule for IPv4',
      [':FORWARD ACCEPT', '-A FORWARD -p IPv4 -j DROP'],
      'ebtables -D FORWARD -p IPv4 -j DROP',
    ],
    ['a rule for ARP', [':FORWARD ACCEPT', '-A FORWARD -p ARP -j DROP'], undefined],
    ['another bridge', [':FORWARD ACCEPT', '-A FORWARD --logical-in docker0 -j DROP'], undefined],
    [
      'this bridge',
      [':FORWARD ACCEPT', `-A FORWARD --logical-in ${BRIDGE} -j DROP`],
      `ebtables -I FORWARD --logical-in ${BRIDGE} -j ACCEPT`,
    ],
  ])('of ebtables, %s, are understood', (_, lines, expected) => {
    const saved = [
      '# Generated by ebtables-save v1.8.9 (nf_tables)',
      '*filter',
      ':INPUT ACCEPT',
      ...lines,
      ':OUTPUT ACCEPT',
    ];
    const rules = { ...rulesIn(docker()), ...bridgeRulesIn(saved.join('\n')) };
    const findings = told(running({ rules, across: [...WAY_OF_EBTABLES, ...WAY_ACROSS] }));
    expect(findings).toEqual(expected === undefined ? [] : [expect.stringContaining(expected)]);
  });
});
