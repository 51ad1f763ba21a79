/** Faults in the ways that packets take: routes, neighbours, addresses, and settings of the kernel. */
import type { Fault } from './fault';
import { shell } from './lines';

const of = (fault: Omit<Fault, 'kind' | 'topology'>): Fault => ({
  kind: 'route',
  topology: 'traditional',
  ...fault,
});

export const routeFaults: readonly Fault[] = [
  of({
    name: 'no-route-back',
    complaint: {
      en: 'The test server gets a SYN of every client, and then nothing more. Its application says it never answered so fast.',
      zh: '测试服务器收到每个客户端的 SYN，然后就没有下文了。应用说它从来没有答得这么快。',
    },
    ...shell('test', 'ip route add blackhole {client}', 'ip route del blackhole {client}'),
    because: {
      en: 'The test server had no way to the client: its responses never came as far as the guard.',
      zh: '测试服务器没有去客户端的路：它的响应根本没有走到防线。',
    },
  }),
  of({
    name: 'unreachable',
    complaint: {
      en: 'The network team says nothing was changed on the network. The online server says it is unreachable.',
      zh: '网络组说网络什么也没改。线上服务器说网络不可达。',
    },
    ...shell('online', 'ip route add unreachable {test}', 'ip route del unreachable {test}'),
    because: {
      en: 'A route of the online server itself called the test server unreachable.',
      zh: '线上服务器自己的一条路由说测试服务器不可达。',
    },
  }),
  of({
    name: 'wrong-neighbour',
    complaint: {
      en: 'After the network card of the test server was replaced, everybody reaches it but the online server.',
      zh: '测试服务器换了网卡之后，谁都能连上它，只有线上服务器不能。',
    },
    ...shell(
      'online',
      'ip neigh replace {test} lladdr 02:00:00:00:00:01 dev eth0 nud permanent',
      'ip neigh del {test} dev eth0',
    ),
    because: {
      en: 'The online server had a permanent neighbour entry with a hardware address that nobody has.',
      zh: '线上服务器有一条永久的邻居表项，里面的硬件地址不属于任何人。',
    },
  }),
  of({
    name: 'own-address',
    complaint: {
      en: 'SYNs arrive at the device of the test server, and the kernel seems to eat them. There is no firewall rule in their way.',
      zh: 'SYN 到了测试服务器的网卡，内核好像把它们吃掉了。路上没有任何防火墙规则。',
    },
    ...shell('test', 'ip addr add {client}/32 dev lo', 'ip addr del {client}/32 dev lo'),
    because: {
      en: "The test server had the client's address itself: a packet from one's own address that comes in by a device is refused.",
      zh: '测试服务器自己拥有客户端的地址：从网卡进来的、源地址是自己的包会被内核拒绝。',
    },
  }),
  {
    name: 'reverse-path',
    kind: 'sysctl',
    topology: 'traditional',
    complaint: {
      en: 'tcpdump shows every SYN twice and three times. The application has seen none. The firewall is empty but for the guard.',
      zh: 'tcpdump 看到每个 SYN 来了两三次，应用一个也没看到。除了防线，防火墙是空的。',
    },
    breaks: [
      { on: 'test', run: 'ip route add {client} dev lo' },
      { on: 'test', sysctl: 'net.ipv4.conf.eth0.rp_filter', value: '1' },
    ],
    mends: [
      { on: 'test', run: 'ip route del {client} dev lo' },
      { on: 'test', sysctl: 'net.ipv4.conf.eth0.rp_filter', value: '0' },
    ],
    because: {
      en: 'rp_filter refused what comes from a client whose route back leads elsewhere.',
      zh: 'rp_filter 拒绝了回程路由指向别处的客户端发来的包。',
    },
  },
];
