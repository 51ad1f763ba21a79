import { countWatches } from '../../../../lab/verify/frames/tap-counts';
import { allWatches, expressionOf, kernelWatches, ruleOf } from '../../../../lab/verify/evidence/watch';
import { capture, fragment, icmp, ipv6Tcp, tagged, tcp, udp } from '../world/frames';
import { CLIENT, ONLINE, scene, TEST } from '../world/scene';

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
      'mangle POSTROUTING -o eth0 -p tcp -s 198.18.10.30 --sport 8080 -m comment --comment name',
      'mangle POSTROUTING -o eth0 -p tcp -s 198.18.10.30 --sport 8080 -d 198.18.10.20 -m comment --comment name',
      'raw PREROUTING -i eth0 -p tcp -d 198.18.10.30 --dport 8080 -m comment --comment name',
    ]);
    expect(rules.flatMap(({ rule }) => rule)).not.toContain('-j');
  });
});
