import { planFor } from '../../../lab/plan/plan';
import { renderPlan } from '../../../lab/plan/render';
import { quoted } from '../../../lab/plan/words';
import { teardownOf } from '../../../lab/plan/teardown';
import { validateTopology } from '../../../lab/topology/rules/validate';
import dataLink from '../../../topologies/data-link';
import offline from '../../../topologies/offline';
import traditional from '../../../topologies/traditional';
import redis from '../../../topologies/traditional-redis';

const plan = planFor(traditional);

/** The command lines inside the nodes, as a person would type them. */
function typed(topology: typeof traditional): string[] {
  return planFor(topology).steps.flatMap(({ action }) =>
    action.kind === 'command' ? [`${action.node}: ${quoted(action.argv)}`] : [],
  );
}

test('the copy is installed by the commands that are taught', () => {
  expect(typed(traditional)).toEqual([
    'online: serve-nginx 80',
    'test: serve-nginx 8080',
    'test: iptables -I OUTPUT -p tcp --sport 8080 -j NFQUEUE',
    'test: intercept -x 198.18.10.20 -b 198.18.10.30 -d',
    'online: tcpcopy -x 80-198.18.10.30:8080 -s 198.18.10.20 -d',
  ]);
  expect(typed(redis)).toContain('online: tcpcopy -x 6379-198.18.11.30:6379 -s 198.18.11.20 -d');
});

test('a capture is played on a test server that is guarded, by steps that are done by hand', () => {
  expect(typed(offline)).toEqual([
    'online: serve-nginx 80',
    'test: serve-nginx 8080',
    'test: ip route replace default dev lo',
    'test: iptables -I OUTPUT -p tcp --sport 8080 -j NFQUEUE',
    'test: intercept -d',
  ]);
  const planned = planFor(offline);
  const byHand = planned.byHand.flatMap(({ node, argv }) =>
    node && argv ? [`${node}: ${quoted(argv)}`] : [],
  );
  expect(byHand).toEqual([
    'online: tcpdump -i eth0 tcp and port 80 -s 0 -w /tmp/online.pcap',
    'test: tcpcopy -i /tmp/online.pcap -x 80-198.18.19.30:8080',
  ]);
  expect(renderPlan(offline, planned)).toContain(`By hand\n  1. record on online`);
  expect(planFor(traditional).byHand).toEqual([]);
});

test('further options of a copy are part of its command lines', () => {
  const copy = { ...traditional.copies[0]!, tcpcopy: ['-r', '20'], intercept: ['-q', '4096'] };
  const lines = typed({ ...traditional, copies: [copy] });
  expect(lines.at(-1)).toBe('online: tcpcopy -x 80-198.18.10.30:8080 -s 198.18.10.20 -r 20 -d');
  expect(lines.at(-2)).toBe('test: intercept -x 198.18.10.20 -b 198.18.10.30 -q 4096 -d');
});

describe('intercept in several workers', () => {
  const of = (intercept: readonly string[], more: Partial<(typeof traditional.copies)[0]> = {}) => ({
    ...traditional,
    copies: [{ ...traditional.copies[0]!, intercept, ...more }],
  });
  const holds = (topology: typeof traditional) =>
    planFor(topology).steps.flatMap(({ checks }) => checks.map((check) => check.holds));

  test.each([[['--workers', '3']], [['--workers=3']], [['--workers', '2', '--workers=3']]])(
    '%j: the rule leads to a queue of each, and each is waited for',
    (intercept) => {
      const rule = 'OUTPUT -p tcp --sport 8080 -j NFQUEUE --queue-balance 0:2';
      expect(typed(of(intercept))).toContain(`test: iptables -I ${rule}`);
      expect(renderPlan(traditional, planFor(of(intercept)))).toContain(`iptables -D ${rule}`);
      for (const one of ['queue 2 is bound on test', 'test listens on port 36526'])
        expect(holds(of(intercept))).toContain(one);
    },
  );

  test.each([
    ['4', 'num 0', 'balance 0:3'],
    ['1', 'balance 0:1', 'num 0'],
    ['auto', 'num 1', 'balance 0:7'],
    ['auto', 'balance 1:2', 'num 0'],
  ])('--workers %s with a rule of its own: %s is not it, %s is', (workers, wrong, right) => {
    const { steps } = planFor(of(['--workers', workers], { guard: 'intercept' }));
    const check = steps.flatMap(({ checks }) => checks).find(({ argv }) => argv[0] === 'iptables')!;
    const printed = (led: string) => `1    NFQUEUE    6 -- 0.0.0.0/0 0.0.0.0/0 tcp spt:8080 NFQUEUE ${led}`;
    const pattern = new RegExp((check.expect as { stdout: string }).stdout, 'm');
    expect([wrong, right].map((led) => pattern.test(printed(led)))).toEqual([false, true]);
  });

  test('of a number that nobody knows is refused where the rule is put by hand', () => {
    const faults = (topology: typeof traditional) => validateTopology(topology).map(({ place }) => place);
    expect(faults(of(['--workers', 'auto']))).toEqual(['copies.0.intercept.1']);
    expect(faults(of(['--workers=auto']))).toEqual(['copies.0.intercept.0']);
    expect(faults(of(['--workers', 'auto'], { guard: 'intercept' }))).toEqual([]);
  });
});

test('a copy whose rule intercept puts there has no step for it, and the same checks; another build needs the step', () => {
  const guarded = {
    ...traditional,
    copies: traditional.copies.map((copy) => ({ ...copy, guard: 'intercept' as const })),
  };
  const lines = typed(guarded);
  expect(lines).not.toContainEqual(expect.stringContaining('iptables'));
  expect(lines).toContain('test: intercept -x 198.18.10.20 -b 198.18.10.30 --guard 8080 -d');
  const holds = (topology: typeof traditional) =>
    planFor(topology).steps.flatMap(({ checks }) => checks.map((check) => check.holds));
  expect(holds(guarded).toSorted()).toEqual(holds(traditional).toSorted());
  const original = planFor(guarded, { flavour: '0.9' }).steps;
  expect(original).toEqual(planFor(traditional, { flavour: '0.9' }).steps);
});

test('each step stands after those that it needs', () => {
  const seen = new Set<string>();
  for (const { id, needs } of plan.steps) {
    expect([...needs].filter((need) => !seen.has(need))).toEqual([]);
    expect(seen.has(id)).toBe(false);
    seen.add(id);
  }
});

test('guard before intercept, intercept before tcpcopy', () => {
  const needs = new Map(plan.steps.map((step) => [step.id, step.needs]));
  expect(needs.get('intercept:test')).toContain('guard:test');
  expect(needs.get('tcpcopy:online')).toEqual(
    expect.arrayContaining(['intercept:test', 'server:test', 'server:online']),
  );
});

test('every command has a check', () => {
  for (const { action, checks } of plan.steps) {
    if (action.kind === 'command') expect(checks.length).toBeGreaterThan(0);
  }
});

test('a bare plan has nodes and servers only', () => {
  const kinds = planFor(traditional, { bare: true }).steps.map(({ id }) => id.split(':')[0]);
  expect(new Set(kinds)).toEqual(new Set(['network', 'node', 'server']));
});

describe('the teardown', () => {
  const lines = teardownOf(plan).map((undo) => (undo.kind === 'command' ? quoted(undo.argv) : undo.kind));
  const position = (pattern: RegExp): number => lines.findIndex((line) => pattern.test(line));

  test('stops tcpcopy, buries what it left, and only then takes the guard away', () => {
    const order = [
      /^pkill .*tcpcopy/,
      /^ss -K/,
      /^pkill .*intercept/,
      /^iptables -D/,
      /^pkill .*nginx/,
      /^node$/,
      /^network$/,
    ];
    const positions = order.map(position);
    expect(positions).not.toContain(-1);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
  });

  test('removes exactly the rule that was inserted', () => {
    expect(lines).toContain('iptables -D OUTPUT -p tcp --sport 8080 -j NFQUEUE');
  });

  test('waits until no copied connection is left', () => {
    const burial = teardownOf(plan).find((undo) => undo.kind === 'command' && undo.argv[1] === '-K');
    expect(burial).toMatchObject({ node: 'test', checks: [{ expect: { silent: true } }] });
  });
});

test('the printed plan holds every title, command line, and check', () => {
  const text = renderPlan(traditional, plan);
  for (const { title, action, checks } of plan.steps) {
    expect(text).toContain(title);
    if (action.kind === 'command') expect(text).toContain(`on ${action.node}: ${quoted(action.argv)}`);
    for (const check of checks) expect(text).toContain(check.holds);
  }
  expect(text.indexOf('\nDown\n')).toBeGreaterThan(text.indexOf('\nUp\n'));
});

test.each([
  [['a', 'b-c', '/d'], 'a b-c /d'],
  [['a b'], "'a b'"],
  [["it's"], `'it'\\''s'`],
  [[''], "''"],
  [['(', '$x', '`y`'], "'(' '$x' '`y`'"],
])('%j is typed as %s', (argv, text) => {
  expect(quoted(argv)).toBe(text);
});

describe('checks', () => {
  const stdoutOf = (holds: RegExp): RegExp => {
    const check = plan.steps.flatMap((step) => step.checks).find((candidate) => holds.test(candidate.holds));
    return new RegExp(check!.expect.stdout!, 'm');
  };

  test('the rule passes only as the first of its chain, for its port', () => {
    const listing = (...rules: string[]) =>
      ['Chain OUTPUT (policy ACCEPT)', 'num  target', ...rules, ''].join('\n');
    const rule = (position: number, port: number) =>
      `${position}    NFQUEUE    6    --  0.0.0.0/0            0.0.0.0/0            tcp spt:${port} NFQUEUE num 0`;
    const pattern = stdoutOf(/rule/);
    expect(pattern.test(listing(rule(1, 8080)))).toBe(true);
    expect(pattern.test(listing('1    ACCEPT     all', rule(2, 8080)))).toBe(false);
    expect(pattern.test(listing(rule(1, 8081)))).toBe(false);
    expect(pattern.test(listing(`${rule(1, 8080)} bypass`))).toBe(false);
    const marked = rule(1, 8080).replace('NFQUEUE num', '/* tcpcopy-guard-0-cc234cc7 */ NFQUEUE num');
    expect(pattern.test(listing(marked))).toBe(true);
  });

  test('the queue passes only when it is bound', () => {
    const pattern = stdoutOf(/queue/);
    expect(pattern.test('    0     73     0 2 65531     0     0        0  1\n')).toBe(true);
    expect(pattern.test('   10     73     0 2 65531     0     0        0  1\n')).toBe(false);
    expect(pattern.test('')).toBe(false);
  });
});

describe('the data-link architecture', () => {
  test('is installed by black hole, route, intercept on the assistant, and tcpcopy', () => {
    expect(typed(dataLink)).toEqual([
      'online: serve-nginx 80',
      'test: serve-nginx 8080',
      'test: iptables -I INPUT -p icmp --icmp-type redirect -j DROP',
      'test: ip route add blackhole 198.18.12.128/25 metric 4096',
      'test: ip route add 198.18.12.128/25 via 198.18.12.40',
      "assistant: intercept -i eth0 -F 'tcp and src port 8080' --canary 198.18.12.254 -d",
      'online: tcpcopy -x 80-198.18.12.30:8080 -s 198.18.12.40 -d',
    ]);
  });

  test('checks that each guard holds', () => {
    const holds = planFor(dataLink).steps.flatMap(({ checks }) => checks.map((check) => check.holds));
    expect(holds).toEqual(
      expect.arrayContaining([
        'test has no other way to 198.18.12.128/25',
        'test drops every ICMP redirect',
        'test sends what is for 198.18.12.128/25 to 198.18.12.40',
        'assistant forwards nothing and sends no ICMP redirect',
      ]),
    );
  });

  test('is taken down in the reversed order', () => {
    const lines = teardownOf(planFor(dataLink)).flatMap((undo) =>
      undo.kind === 'command' ? [quoted(undo.argv).split(' ').slice(0, 4).join(' ')] : [],
    );
    expect(lines).toEqual([
      expect.stringMatching(/^pkill .*tcpcopy/),
      'ss -K -tnH state',
      expect.stringMatching(/^pkill .*intercept/),
      'ip route del 198.18.12.128/25',
      'ip route del blackhole',
      'iptables -D INPUT -p',
      'pkill -TERM -x nginx',
      'pkill -TERM -x nginx',
    ]);
  });

  test('with several online servers and assistants shares the guard and every intercept', () => {
    const routes = [
      { sources: '198.18.12.128/26', via: 'assistant' },
      { sources: '198.18.12.192/26', via: 'assistant-2' },
    ];
    const nodes = {
      ...dataLink.nodes,
      'online-2': { ...dataLink.nodes['online']!, address: '198.18.12.21' },
      'assistant-2': { ...dataLink.nodes['assistant']!, address: '198.18.12.41' },
    };
    const copies = ['online', 'online-2'].map((from) => ({ ...dataLink.copies[0]!, from, routes }));
    const lines = typed({ ...dataLink, nodes, copies }).filter((line) => !line.includes('serve-'));
    expect(lines).toEqual([
      'test: iptables -I INPUT -p icmp --icmp-type redirect -j DROP',
      'test: ip route add blackhole 198.18.12.128/26 metric 4096',
      'test: ip route add blackhole 198.18.12.192/26 metric 4096',
      'test: ip route add 198.18.12.128/26 via 198.18.12.40',
      'test: ip route add 198.18.12.192/26 via 198.18.12.41',
      "assistant: intercept -i eth0 -F 'tcp and src port 8080' --canary 198.18.12.191 -d",
      "assistant-2: intercept -i eth0 -F 'tcp and src port 8080' --canary 198.18.12.254 -d",
      'online: tcpcopy -x 80-198.18.12.30:8080 -s 198.18.12.40,198.18.12.41 -d',
      'online-2: tcpcopy -x 80-198.18.12.30:8080 -s 198.18.12.40,198.18.12.41 -d',
    ]);
    const undone = teardownOf(planFor({ ...dataLink, nodes, copies })).map(({ title }) => title);
    const bury = undone.indexOf('end copied connections left on test');
    expect(undone.lastIndexOf('end copied connections left on test')).toBe(bury);
    expect(bury).toBeGreaterThan(undone.indexOf('stop tcpcopy on online'));
    expect(bury).toBeLessThan(undone.findIndex((title) => title.startsWith('stop intercept')));
  });
});
