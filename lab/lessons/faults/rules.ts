/** Faults in the rules of iptables, on either server. */
import type { Fault } from './fault';
import { guardReplaced, RULE, ruleAdded, shell } from './lines';

const of = (fault: Omit<Fault, 'kind' | 'topology'>): Fault => ({
  kind: 'rule',
  topology: 'traditional',
  ...fault,
});

const nothing = {
  en: 'Since this morning nothing arrives at the test server any more.',
  zh: '从今天早上起，测试服务器什么也收不到了。',
};

export const ruleFaults: readonly Fault[] = [
  of({
    name: 'rule-missing',
    complaint: nothing,
    ...shell('test', `iptables -D ${RULE}`, `iptables -I ${RULE}`),
    because: {
      en: 'The guard was gone: no rule led the responses to the queue.',
      zh: '防线不见了：没有规则把响应引到队列。',
    },
  }),
  of({
    name: 'rule-port',
    complaint: {
      en: 'Somebody has "tidied up" the firewall of the test server. The rule is there, I looked. Still, nothing is copied.',
      zh: '有人“整理”了测试服务器的防火墙。规则在，我看过了。可是什么也没复制。',
    },
    ...guardReplaced(RULE.replace('8080', '8081')),
    because: { en: 'The rule was for port 8081, not 8080.', zh: '规则写的是 8081 端口，不是 8080。' },
  }),
  of({
    name: 'rule-chain',
    complaint: {
      en: 'The guard is set up exactly as in the manual, and tcpcopy says it is not.',
      zh: '防线完全按手册设置，tcpcopy 却说没有。',
    },
    ...guardReplaced(RULE.replace('OUTPUT', 'INPUT')),
    because: {
      en: 'The rule stood in INPUT, where no response comes by.',
      zh: '规则放在了 INPUT，响应不经过那里。',
    },
  }),
  of({
    name: 'rule-partial',
    complaint: {
      en: 'For security reasons the rule was narrowed to our client. The copy has stopped.',
      zh: '出于安全考虑，规则被收窄到只针对我们的客户端。复制停了。',
    },
    ...guardReplaced(RULE.replace('-j', '-d {client} -j')),
    because: {
      en: 'The rule caught what goes to one client only; the canaries, and other clients, were not caught.',
      zh: '规则只截住发往一个客户端的响应；金丝雀包和其他客户端的都没有截住。',
    },
  }),
  of({
    name: 'rule-bypass',
    complaint: {
      en: 'All is well, but the auditor says that clients would be hit if intercept ever crashed.',
      zh: '一切正常，但审计员说，万一 intercept 崩溃，客户端会受影响。',
    },
    ...guardReplaced(`${RULE} --queue-bypass`),
    because: {
      en: 'With --queue-bypass the kernel lets responses out while nobody listens.',
      zh: '有了 --queue-bypass，没有人监听时内核会放行响应。',
    },
  }),
  of({
    name: 'rule-queue',
    complaint: {
      en: 'The test server answers nobody any more, not even the online server.',
      zh: '测试服务器谁也不理了，连线上服务器也不理。',
    },
    ...guardReplaced(`${RULE} --queue-num 5`),
    because: {
      en: 'The rule led to queue 5; intercept listens on queue 0.',
      zh: '规则通向队列 5；intercept 监听的是队列 0。',
    },
  }),
  of({
    name: 'rule-shadowed',
    complaint: {
      en: 'A colleague added the usual "allow established" line to the firewall. That cannot be it, but nothing is copied since.',
      zh: '一位同事在防火墙里加了常见的“放行已建立连接”那一行。不可能是它，可是从那以后什么也没复制。',
    },
    ...ruleAdded('test', 'OUTPUT -p tcp -m state --state ESTABLISHED,INVALID -j ACCEPT'),
    because: {
      en: 'A rule before the guard let responses out.',
      zh: '防线之前的一条规则放走了响应。',
    },
  }),
  of({
    name: 'invalid-dropped',
    complaint: {
      en: 'The new hardening script drops only what is invalid anyway. intercept is not armed any more.',
      zh: '新的加固脚本只丢弃本来就无效的包。intercept 再也没有就绪。',
    },
    ...ruleAdded('test', 'OUTPUT -m conntrack --ctstate INVALID -j DROP'),
    because: {
      en: 'Connection tracking calls the canaries invalid, so that the guard could not be proven.',
      zh: '连接跟踪认为金丝雀包无效，于是防线无法得到证明。',
    },
  }),
  of({
    name: 'input-dropped',
    complaint: {
      en: 'tcpdump on the test server shows the copies arrive. The application sees none of them.',
      zh: '测试服务器上 tcpdump 显示复制的包到了。应用却一个也没看见。',
    },
    ...ruleAdded('test', 'INPUT -p tcp --dport 8080 -j DROP'),
    because: {
      en: 'A rule in INPUT took them away, behind the place where tcpdump looks.',
      zh: 'INPUT 里的一条规则在 tcpdump 看到之后把它们丢弃了。',
    },
  }),
  of({
    name: 'control-dropped',
    complaint: nothing,
    ...ruleAdded('test', 'INPUT -p tcp --dport 36524 -j DROP'),
    because: {
      en: 'The firewall of the test server dropped the control channel (port 36524).',
      zh: '测试服务器的防火墙丢弃了控制通道（36524 端口）。',
    },
  }),
  of({
    name: 'control-refused',
    complaint: {
      en: 'tcpcopy says that connections to intercept are refused, but intercept runs and listens.',
      zh: 'tcpcopy 说连接 intercept 被拒绝，可是 intercept 在运行，也在监听。',
    },
    ...ruleAdded('online', 'OUTPUT -p tcp --dport 36524 -j REJECT --reject-with tcp-reset'),
    because: {
      en: "The online server's own firewall refused the control channel.",
      zh: '是线上服务器自己的防火墙拒绝了控制通道。',
    },
  }),
  of({
    name: 'direct-dropped',
    complaint: {
      en: 'The health check of the online server says that the test server is dead.',
      zh: '线上服务器的健康检查说测试服务器死了。',
    },
    ...ruleAdded('online', 'OUTPUT -p tcp --dport 8080 -j DROP'),
    because: {
      en: "The copy works: it leaves at the data link. A rule in OUTPUT of the online server dropped that server's own requests.",
      zh: '复制是好的：它从数据链路层发出。线上服务器 OUTPUT 里的规则丢弃的是它自己的请求。',
    },
  }),
  of({
    name: 'large-dropped',
    complaint: {
      en: 'Most requests are copied. Uploads are not; the network team blames the MTU.',
      zh: '大多数请求都被复制了，上传却没有；网络组怪 MTU。',
    },
    ...ruleAdded('test', 'PREROUTING -t raw -p tcp --dport 8080 -m length --length 1000:65535 -j DROP'),
    because: {
      en: 'A rule in the table raw of the test server dropped large packets: `iptables -S` alone does not show it.',
      zh: '测试服务器 raw 表里的规则丢弃了大包：只用 `iptables -S` 看不到它。',
    },
  }),
];
