import { countWatches } from '../../../../lab/verify/frames/tap-counts';
import {
  allWatches,
  expressionOf,
  iptablesFor,
  kernelWatches,
  ruleOf,
} from '../../../../lab/verify/evidence/watch';
import { expressionWithin } from '../../../../lab/verify/evidence/tunnelled';
import { capture, fragment, icmp, ipv6Tcp, tagged, tcp, udp } from '../world/frames';
import { CLIENT, CLIENT_6, dualScene, ONLINE, scene, TEST, TEST_6 } from '../world/scene';

describe('a watch', () => {
  test('counts the packets that it is about, by our own reading', () => {
    const frames = [
      tcp(CLIENT, ONLINE),
      tcp(CLIENT, ONLINE),
      tcp(CLIENT, TEST),
      tcp(TEST, CLIENT),
      tcp(TEST, '198.18.10.20:50000'),
      tagged(tcp(TEST, CLIENT)),
      tcp('198.18.10.30:36524', '198.18.10.20:50001'),
      tcp('198.18.10.20:50001', '198.18.10.30:36524'),
      tcp(ONLINE, CLIENT),
      fragment(tcp(TEST, CLIENT), 0),
      udp('198.18.10.30', '198.18.10.255', 'mark'),
      icmp('198.18.10.30', '198.18.10.10', 3, 3),
      ipv6Tcp(8080, 40_000),
    ];
    expect(countWatches(capture(frames), allWatches(scene))).toEqual({
      responses: 3,
      'responses-to-198.18.10.20': 1,
      copies: 1,
      requests: 2,
    });
  });

  test('is an expression for tcpdump', () => {
    expect(allWatches(scene).map(expressionOf)).toEqual([
      'ip and tcp and src host 198.18.10.30 and src port 8080',
      'ip and tcp and src host 198.18.10.30 and src port 8080 and dst host 198.18.10.20',
      'ip and tcp and dst host 198.18.10.30 and dst port 8080',
      'ip and tcp and dst host 198.18.10.20 and dst port 80',
    ]);
  });

  test('is a rule for the kernel, without a target, on the way out or in', () => {
    const rules = kernelWatches(scene).map((watch) => ruleOf(watch, 'name'));
    const told = rules.map(({ table, rule }) => `${table} ${rule.join(' ')}`);
    expect(told.slice(0, 3)).toEqual([
      'mangle POSTROUTING -o eth0 -p tcp -s 198.18.10.30 --sport 8080 ! -d 192.0.2.0/24 -m comment --comment name',
      'mangle POSTROUTING -o eth0 -p tcp -s 198.18.10.30 --sport 8080 -d 198.18.10.20 -m comment --comment name',
      'raw PREROUTING -i eth0 -p tcp -d 198.18.10.30 --dport 8080 -m comment --comment name',
    ]);
    expect(rules.flatMap(({ rule }) => rule)).not.toContain('-j');
  });
});

test('what proves the guard to nobody is not compared, since it leaves the test server only where somebody is its next hop', () => {
  const [watch] = kernelWatches(scene);
  expect(
    countWatches(capture([tcp(TEST, CLIENT), tcp(TEST, '192.0.2.1:9'), tcp(TEST, '192.0.2.77:9')]), [watch!]),
  ).toEqual({
    responses: 1,
  });
  expect(expressionOf(watch!)).toBe(
    'ip and tcp and src host 198.18.10.30 and src port 8080 and not dst net 192.0.2.0/24',
  );
  expect(expressionWithin(7, watch!)).toMatch(/ and not \(udp\[46:2\] = 49152 and udp\[48\] = 2\)$/);
});

describe('of a copy of both families', () => {
  test('each family has watches of its own', () => {
    const frames = [tcp(TEST, CLIENT), tcp(TEST_6, CLIENT_6), tcp(TEST_6, '[2001:2:0:10::20]:50000')];
    expect(countWatches(capture(frames), allWatches(dualScene))).toEqual({
      responses: 1,
      'responses-6': 2,
      'responses-to-198.18.10.20': 0,
      'responses-to-2001:2:0:10::20': 1,
      copies: 0,
      'copies-6': 0,
      requests: 0,
      'requests-6': 0,
    });
  });

  test('tcpdump and the kernel are asked in the words of each', () => {
    const [, second] = allWatches(dualScene);
    expect(expressionOf(second!)).toBe('ip6 and tcp and src host 2001:2:0:10::30 and src port 8080');
    const commands = kernelWatches(dualScene).map((watch) => {
      const { table, rule } = ruleOf(watch, 'name');
      return `${iptablesFor(watch)} ${table} ${rule.slice(0, 7).join(' ')}`;
    });
    expect(commands).toContain('iptables raw PREROUTING -i eth0 -p tcp -d 198.18.10.30');
    expect(commands).toContain('ip6tables raw PREROUTING -i eth0 -p tcp -d 2001:2:0:10::30');
    expect(commands).toContain('ip6tables mangle POSTROUTING -o eth0 -p tcp -s 2001:2:0:10::30');
  });
});
