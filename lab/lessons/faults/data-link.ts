/** Faults of a data-link copy: routes, settings of the assistant, and what captures there. */
import type { Fault } from './fault';
import { restarted, ruleAdded, shell } from './lines';

const of = (fault: Omit<Fault, 'topology'>): Fault => ({ topology: 'data-link', ...fault });

const INTERCEPT = "intercept -i eth0 -F 'tcp and src port 8080'";
const TCPCOPY = 'tcpcopy -x 80-{test}:8080 -s {assistant} -d';

export const dataLinkFaults: readonly Fault[] = [
  of({
    name: 'route-missing',
    kind: 'route',
    complaint: {
      en: 'The test server was rebooted over the weekend. Copies never get past their SYN.',
      zh: '测试服务器周末重启过。复制的连接再也走不过 SYN。',
    },
    ...shell('test', 'ip route del {range} via {assistant}', 'ip route add {range} via {assistant}'),
    because: {
      en: 'The route to the assistant was gone; the black hole behind it took the responses.',
      zh: '通往 assistant 的路由没有了；后面的黑洞吞掉了响应。',
    },
  }),
  of({
    name: 'route-direct',
    kind: 'route',
    complaint: {
      en: 'All requests are copied, and intercept is armed. Yet a client reports segments from an address that it does not know.',
      zh: '所有请求都复制了，intercept 也就绪。可是有个客户端报告说收到了陌生地址的报文段。',
    },
    ...shell('test', 'ip route add {client}/32 dev eth0', 'ip route del {client}/32 dev eth0'),
    because: {
      en: 'A more specific route led to the client itself, past the assistant.',
      zh: '一条更具体的路由绕过 assistant，直通客户端。',
    },
  }),
  of({
    name: 'black-hole-missing',
    kind: 'route',
    complaint: {
      en: 'All is well. But what if somebody deletes the route? The auditor asks.',
      zh: '一切正常。可是如果有人删掉那条路由呢？审计员问。',
    },
    ...shell(
      'test',
      'ip route del blackhole {range} metric 4096',
      'ip route add blackhole {range} metric 4096',
    ),
    because: { en: 'There was no black hole behind the route.', zh: '路由后面没有黑洞。' },
  }),
  of({
    name: 'redirects',
    kind: 'rule',
    complaint: {
      en: 'The firewall of the test server was emptied, as there is no NFQUEUE in this architecture anyway.',
      zh: '测试服务器的防火墙被清空了，反正这种架构里没有 NFQUEUE。',
    },
    // Nobody knows whether redirects are believed without the rule, so that it is made sure.
    ...((pair) => ({
      breaks: [
        ...pair.mends,
        { on: 'test', sysctl: 'net.ipv4.conf.all.accept_redirects', value: '1' } as const,
      ],
      mends: pair.breaks,
    }))(ruleAdded('test', 'INPUT -p icmp --icmp-type redirect -j DROP')),
    because: {
      en: 'Nothing kept ICMP redirects from showing the test server the way past the assistant.',
      zh: '没有什么能阻止 ICMP 重定向告诉测试服务器绕过 assistant 的路。',
    },
  }),
  of({
    name: 'assistant-forwards',
    kind: 'sysctl',
    complaint: {
      en: 'The assistant got a second job as a router. intercept is not armed any more.',
      zh: 'assistant 兼职当了路由器。intercept 不再就绪。',
    },
    breaks: [{ on: 'assistant', sysctl: 'net.ipv4.ip_forward', value: '1' }],
    mends: [{ on: 'assistant', sysctl: 'net.ipv4.ip_forward', value: '0' }],
    because: {
      en: 'An assistant that forwards hands the responses on to the clients.',
      zh: '会转发的 assistant 会把响应交给客户端。',
    },
  }),
  of({
    name: 'device-forwards',
    kind: 'sysctl',
    complaint: {
      en: 'net.ipv4.ip_forward of the assistant is 0, I have set it myself. intercept says that it forwards.',
      zh: 'assistant 的 net.ipv4.ip_forward 是 0，我亲手设的。intercept 却说它在转发。',
    },
    breaks: [
      { on: 'assistant', sysctl: 'net.ipv4.ip_forward', value: '0' },
      { on: 'assistant', sysctl: 'net.ipv4.conf.eth0.forwarding', value: '1' },
    ],
    mends: [{ on: 'assistant', sysctl: 'net.ipv4.conf.eth0.forwarding', value: '0' }],
    because: {
      en: 'Each device has a setting of its own (net.ipv4.conf.eth0.forwarding).',
      zh: '每个设备都有自己的设置（net.ipv4.conf.eth0.forwarding）。',
    },
  }),
  of({
    name: 'filter-port',
    kind: 'option',
    complaint: {
      en: 'intercept captures at the assistant, tcpdump there shows the responses, and intercept has heard none.',
      zh: 'intercept 在 assistant 上抓包，那里的 tcpdump 能看到响应，intercept 却一个也没听到。',
    },
    ...shell(
      'assistant',
      restarted('intercept', "intercept -i eth0 -F 'tcp and dst port 8080' -d"),
      restarted('intercept', `${INTERCEPT} -d`),
    ),
    because: {
      en: 'A response has 8080 as its source port: src, not dst.',
      zh: '响应的源端口才是 8080：是 src，不是 dst。',
    },
  }),
  of({
    name: 'asks-test',
    kind: 'option',
    complaint: {
      en: 'tcpcopy waits for intercept on the test server, where it always was.',
      zh: 'tcpcopy 在等测试服务器上的 intercept，它一直都在那里。',
    },
    ...shell(
      'online',
      restarted('tcpcopy', 'tcpcopy -x 80-{test}:8080 -s {test} -d'),
      restarted('tcpcopy', TCPCOPY),
    ),
    because: {
      en: 'At the data link intercept runs on the assistant: -s names it.',
      zh: '在数据链路架构里 intercept 运行在 assistant 上：-s 要写它。',
    },
  }),
];
