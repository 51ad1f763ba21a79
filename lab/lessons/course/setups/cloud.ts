/** IPv6, and a network that lets no foreign source pass. */
import { armed, counts, guarded, logged, recorded, runs, says } from '../../classroom/checks';
import { captured, parts, printed } from '../../classroom/picture';
import { recordInBackground, RULE, stop, stopRecording } from '../../lesson/commands';
import type { Lesson } from '../../lesson/lesson';
import type { Sighting } from '../../pictures/arrows';

const FILE = '/tmp/own.pcap';
const PORT_FIRST = 61_000;
const INTERCEPT = 'intercept -x {online},{online6}';
const TCPCOPY = "tcpcopy -x '80-{test}:8080,80-[{test6}]:8080' -s {online}";
const OWN_COPIES = "--own-copies '{online}:61000-65535,[{online6}]:61000-65535'";
const AWAIT_COPYING = `for turn in $(seq 100); do tail -n 1 /var/log/tcpcopy.log | grep -q '"copying"' && exit; sleep 0.1; done; exit 1`;
/** What the network itself has dropped, which no cloud tells. */
const DROPPED = `for tables in iptables ip6tables; do $tables -t mangle -nvxL lab-sources-eth0 | awk -v tables=$tables '$3 == "DROP" { sum += $1 } END { print tables ": " sum " packets dropped" }'; done`;

/** A request over each family, by the client. */
const overBoth = (path: string): string => `curl -s -4 http://online${path}; curl -s -6 http://online${path}`;

export const cloud: Lesson = {
  name: 'cloud',
  title: { en: 'IPv6, and a cloud', zh: 'IPv6 与云' },
  teaches: {
    en: 'What a copy needs over IPv6, and how it gets through a network that lets no foreign source pass.',
    zh: 'IPv6 上的复制需要什么，以及它怎样通过不放行外来源地址的网络。',
  },
  minutes: 15,
  topology: 'cloud',
  bare: true,
  steps: [
    {
      name: 'guards',
      title: { en: 'Two families, two guards', zh: '两种地址，两道防线' },
      text: {
        en: `Nodes have addresses of both families here: online is {online} and {online6}, test {test} and {test6}. A rule of iptables catches
nothing of IPv6: that has rules of its own. Both may lead to the same queue, and one intercept serves it.

  ip6tables -I OUTPUT -p tcp --sport <port of the test server's application> -j NFQUEUE

The guard is proven by packets to addresses that nobody has. That of IPv6 is 100::1 (RFC 6666), and IPv6 sends nothing for which it
has no route: there must be one, which ends on the machine.

  ip route add 100::/64 dev lo`,
        zh: `这里的节点有两种地址：online 是 {online} 和 {online6}，test 是 {test} 和 {test6}。iptables 的规则截不住任何 IPv6：它有自己的规则。
两条规则可以通向同一个队列，由一个 intercept 处理。

  ip6tables -I OUTPUT -p tcp --sport <测试服务器应用的端口> -j NFQUEUE

防线靠发往没有人的地址的包来证明。IPv6 的这个地址是 100::1（RFC 6666），而没有路由的地址 IPv6 一个包也不发：必须有一条路由，并且止于本机。

  ip route add 100::/64 dev lo`,
      },
      task: {
        en: 'Put up both guards on test, and the route for the proof.',
        zh: '在 test 上建立两道防线，以及证明所需的路由。',
      },
      checks: [
        guarded({
          en: 'every response of port 8080 goes to a queue first, over both families',
          zh: '8080 端口的每个响应都先进入队列，两种地址都是',
        }),
        says(
          { en: 'what is sent to 100::1 ends on test', zh: '发往 100::1 的包止于 test' },
          'test',
          'ip route get 100::1',
          / dev lo /,
        ),
      ],
      hint: {
        en: 'The rule of lesson 2 twice, by two programs.',
        zh: '第 2 课的那条规则，用两个程序各建一次。',
      },
      answer: [
        { on: 'test', run: `iptables -I ${RULE}` },
        { on: 'test', run: `ip6tables -I ${RULE}` },
        { on: 'test', run: 'ip route add 100::/64 dev lo' },
      ],
      picture: printed('test', 'iptables -S OUTPUT; ip6tables -S OUTPUT; ip -6 route show 100::/64'),
      after: {
        en: 'Whoever forgets one of them has no copy at all: tcpcopy sends only while all of its guards were proven a moment ago.',
        zh: '忘了其中一个，就什么也不会复制：只有在片刻之前所有防线都得到过证明，tcpcopy 才发送。',
      },
    },
    {
      name: 'foreign',
      title: { en: 'Nothing arrives', zh: '什么也没有到' },
      text: {
        en: `Each family is copied to a target of its own; in front of a port an address of IPv6 stands in brackets.

  intercept -x {online},{online6} -d
  tcpcopy -x '80-{test}:8080,80-[{test6}]:8080' -s {online} -d

Copies come under the client's address. This network is that of a cloud, though: whatever a machine sends under an address that is not
its own is dropped on the way, of either family.`,
        zh: `每种地址各复制到自己的目标；端口前面的 IPv6 地址写在方括号里。

  intercept -x {online},{online6} -d
  tcpcopy -x '80-{test}:8080,80-[{test6}]:8080' -s {online} -d

复制带着客户端的地址。而这是一个云的网络：一台机器用不属于自己的地址发出的一切，无论哪种地址，都会在路上被丢弃。`,
      },
      task: {
        en: 'Start both, and send a request for /foreign over each family. See that neither arrives.',
        zh: '启动两个程序，用两种地址各发一个 /foreign 请求，并看到它们都没有到达。',
      },
      checks: [
        runs('intercept', /-x/),
        armed(true),
        logged('online', '/foreign', 2),
        counts(
          { en: 'tcpcopy sends again what nobody acknowledges', zh: 'tcpcopy 重发没有人确认的包' },
          { node: 'online', program: 'tcpcopy', counter: 'packets_retransmitted', least: 2 },
        ),
        logged('test', '/foreign', 0),
      ],
      hint: {
        en: 'curl -4 and curl -6 choose the family.',
        zh: 'curl -4 和 curl -6 选择用哪种地址。',
      },
      answer: [
        { on: 'test', run: `${INTERCEPT} -d` },
        { on: 'online', run: `${TCPCOPY} -d && ${AWAIT_COPYING}` },
        { on: 'client', run: overBoth('/foreign') },
      ],
      picture: printed('test', DROPPED),
      after: {
        en: `A real cloud does not count them for you. There it shows on your side only: SYNs that are sent again and again, and in the end
sessions_given_up_test-unreachable.`,
        zh: `真正的云不会替你数。那时只能在自己这边看出来：SYN 发了又发，最后是 sessions_given_up_test-unreachable。`,
      },
    },
    {
      name: 'untold',
      title: { en: 'Under the own address', zh: '用自己的地址' },
      text: {
        en: `The only source that passes here is online's own: -c {online},{online6}. But online uses the test server itself as well, and is on the
passlist for it: what test answers to that address is let through, to a kernel that knows of no such connection and would reset it.
So copies under an own address have ports that are theirs alone, 61000 to 65535, and intercept must know of them. Until it does,
they are refused.`,
        zh: `这里唯一能通过的来源是 online 自己：-c {online},{online6}。但 online 自己也使用测试服务器，因此在白名单上：test 对这个地址的应答会放行，
到达一个不知道这条连接、会重置它的内核。所以用自己地址的复制有专属的端口，61000 到 65535，而 intercept 必须知道它们。在此之前，这样的复制被拒绝。`,
      },
      task: {
        en: "Start tcpcopy again, with -c and both of online's addresses, and leave intercept as it is. Send a request for /untold, and read in the log of tcpcopy what is missing.",
        zh: '重新启动 tcpcopy，带上 -c 和 online 的两个地址，intercept 保持不变。发一个 /untold 请求，并在 tcpcopy 的日志里读出缺什么。',
      },
      checks: [
        runs('tcpcopy', /-c /),
        logged('online', '/untold'),
        says(
          {
            en: 'the log of tcpcopy names an option of intercept',
            zh: 'tcpcopy 的日志点名了 intercept 的一个选项',
          },
          'online',
          "grep -c -e '--own-copies' /var/log/tcpcopy.log",
          /^[1-9]/m,
        ),
        logged('test', '/untold', 0),
      ],
      hint: {
        en: 'Addresses of both families stand in one list behind -c, without brackets.',
        zh: '两种地址写在 -c 后面的同一个列表里，不加方括号。',
      },
      answer: [
        { on: 'online', run: `${stop('tcpcopy')}; ${TCPCOPY} -c {online},{online6} -d; sleep 1` },
        { on: 'client', run: overBoth('/untold') },
      ],
      picture: printed('online', "grep -e '--own-copies' /var/log/tcpcopy.log | tail -n 2 | cut -c 1-160"),
      after: {
        en: 'One line for each family: each has its own entry on the passlist.',
        zh: '每种地址一行：它们在白名单上各有一项。',
      },
    },
    {
      name: 'own',
      title: { en: 'Copied', zh: '复制成功' },
      text: {
        en: `--own-copies names these ports, with the address in front as in -x of tcpcopy. What goes there is dropped from now on; what goes to
all other ports of online is let through as before.

  intercept -x {online},{online6} ${OWN_COPIES} -d`,
        zh: `--own-copies 写明这些端口，前面的地址写法和 tcpcopy 的 -x 一样。从此去往那里的一切都被丢弃；去往 online 其他端口的照旧放行。

  intercept -x {online},{online6} ${OWN_COPIES} -d`,
      },
      task: {
        en: `Start intercept again with it. Record in ${FILE} on test how requests for /own come in, one over each family.`,
        zh: `带上它重新启动 intercept。把两种地址各一个 /own 请求到来的过程录进 test 上的 ${FILE}。`,
      },
      checks: [
        runs('intercept', /--own-copies/),
        armed(true),
        logged('test', '/own', 2),
        recorded(
          {
            en: `${FILE} on test has requests from {online} and {online6}, from 61000 and above`,
            zh: `test 上的 ${FILE} 里有来自 {online} 和 {online6} 的请求，端口不低于 61000`,
          },
          {
            node: 'test',
            file: FILE,
            has: (all, { online, online6 }) =>
              [online, online6].every((address) => all.some((one) => isCopyFrom(address!, one))),
          },
        ),
      ],
      hint: {
        en: 'tcpdump on test before the requests; tcpcopy may stay, and goes on by itself once intercept is back.',
        zh: '在请求之前先在 test 上启动 tcpdump；tcpcopy 不用动，intercept 回来之后它自己会继续。',
      },
      answer: [
        { on: 'test', run: `${stop('intercept')}; ${INTERCEPT} ${OWN_COPIES} -d` },
        { on: 'online', run: AWAIT_COPYING },
        { on: 'test', run: recordInBackground(FILE, 'dst port 8080') },
        { on: 'client', run: overBoth('/own') },
        { on: 'test', run: `sleep 0.5; ${stopRecording}` },
      ],
      picture: captured('test', FILE, ['online', 'test']),
      after: {
        en: 'Two connections, one of each family, and the test server takes both for the online server. What is lost is who the clients are.',
        zh: '两条连接，两种地址各一条，测试服务器以为都来自线上服务器。失去的是客户端的身份。',
      },
    },
    {
      name: 'beside',
      title: { en: 'Beside its own programs', zh: '与自己的程序并存' },
      text: {
        en: `Programs of online are given ports up to 60999 by its kernel (sysctl net.ipv4.ip_local_port_range, which counts for IPv6 as well), and
are answered. A program that took one of the copies' ports would not be: curl --local-port 61000 waits in vain.`,
        zh: `online 的程序从内核得到的端口不超过 60999（sysctl net.ipv4.ip_local_port_range，对 IPv6 同样有效），并且得到应答。占用复制端口的程序则不会：
curl --local-port 61000 会白等一场。`,
      },
      task: {
        en: 'Ask test:8080 for /by-hand from online, over IPv6, while the copy runs.',
        zh: '复制运行时，在 online 上用 IPv6 向 test:8080 请求 /by-hand。',
      },
      checks: [armed(true), logged('test', '/by-hand')],
      hint: { en: 'curl -6, as on the client before.', zh: '像之前在客户端上那样，用 curl -6。' },
      answer: [{ on: 'online', run: 'curl -s -6 -m 2 http://test:8080/by-hand' }],
      picture: parts,
      after: {
        en: 'How many connections that carries, and what else there is to know: docs/production.md, "Where no foreign source passes".',
        zh: '它能承载多少连接，还有什么要知道：docs/production.md，“Where no foreign source passes” 一节。',
      },
    },
  ],
};

const isCopyFrom = (address: string, { source, sourcePort, payload_bytes }: Sighting): boolean =>
  source === address && sourcePort >= PORT_FIRST && payload_bytes > 0;
