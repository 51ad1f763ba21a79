import { fateOf } from '../../../src/firewall/fate';
import { requestsTo } from '../../../src/firewall/flow';
import { rulesIn } from '../../../src/firewall/iptables-save';
import { printedRule } from '../../../src/firewall/print';
import { WAY_IN, WAY_OUT } from '../../../src/firewall/walk';

const flow = requestsTo(['198.18.10.30'], 8080, ['eth0']);

/** What becomes of requests to 198.18.10.30:8080 where they come in. */
const fateIn = (rules: readonly string[], policy = 'ACCEPT') =>
  fateOf(
    rulesIn([`:INPUT ${policy} [0:0]`, ...rules.map((rule) => `-A INPUT ${rule}`)].join('\n')),
    WAY_IN,
    flow,
  );

test.each<[string, readonly string[], string?]>([
  ['there is no rule', []],
  ['others are dropped', ['-p tcp -m tcp --dport 22 -j DROP', '-p udp -j DROP', '-i eth1 -j DROP']],
  ['the port is let in before all is dropped', ['-p tcp -m tcp --dport 8080 -j ACCEPT', '-j DROP']],
  ['new connections are let in', ['-m conntrack --ctstate NEW -j ACCEPT'], 'DROP'],
  ['only what is invalid is dropped', ['-m conntrack --ctstate INVALID -j DROP']],
  ['a guard takes responses', ['-p tcp -m tcp --sport 8080 -j NFQUEUE', '-p tcp -j ACCEPT'], 'DROP'],
])('requests pass when %s', (_, rules, policy = 'ACCEPT') => {
  expect(fateIn(rules, policy)).toEqual({ kind: 'passes' });
});

test.each<[string, readonly string[], string?]>([
  ['a rule drops the port', ['-p tcp -m tcp --dport 8080 -j DROP']],
  ['a rule rejects all', ['-p tcp -m tcp --dport 22 -j ACCEPT', '-j REJECT --reject-with tcp-reset']],
  ['only what is established is let in', ['-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT', '-j DROP']],
])('they are dropped when %s', (_, rules) => {
  const fate = fateIn(rules);
  expect(fate).toMatchObject({ kind: 'dropped', by: { text: rules.at(-1) } });
});

test('the policy drops what no rule let in', () => {
  expect(fateIn(['-p tcp -m tcp --dport 22 -j ACCEPT'], 'DROP')).toEqual({
    kind: 'dropped',
    by: { table: 'filter', chain: 'INPUT' },
  });
});

test.each<[string, readonly string[]]>([
  ['some sources are dropped', ['-s 10.0.0.0/8 -j DROP']],
  ['some are let in, and all others dropped', ['-s 10.0.0.0/8 -j ACCEPT', '-p tcp -j DROP']],
  ['a condition is not understood', ['-m recent --name bad --update -j DROP']],
])('it is uncertain when %s', (_, rules) => {
  expect(fateIn(rules)).toMatchObject({ kind: 'uncertain', by: { text: rules.at(-1) } });
});

test('the tables of the way out are gone through in their order', () => {
  const saved = '*filter\n-A OUTPUT -j ACCEPT\n*mangle\n-A POSTROUTING -d 198.18.10.30/32 -j DROP\n';
  const fate = fateOf(rulesIn(saved), WAY_OUT, flow);
  expect(fate).toMatchObject({ kind: 'dropped', by: { table: 'mangle' } });
  expect(fate.kind === 'dropped' && 'text' in fate.by && printedRule(fate.by)).toBe(
    'POSTROUTING -d 198.18.10.30/32 -j DROP -t mangle',
  );
});
