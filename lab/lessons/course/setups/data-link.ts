/** The data-link architecture: responses that are routed away. */
import { armed, found, guarded, logged, runs, says } from '../../classroom/checks';
import { oneRequest, parts, printed } from '../../classroom/picture';
import type { Lesson } from '../../lesson/lesson';

const INTERCEPT = "intercept -i eth0 -F 'tcp and src port 8080' -d";
const TCPCOPY = 'tcpcopy -x 80-{test}:8080 -s {assistant} -d';
const AWAIT_COPYING = `for turn in $(seq 100); do grep -q '"copying"' /var/log/tcpcopy.log && exit; sleep 0.1; done; exit 1`;

export const dataLink: Lesson = {
  name: 'data-link',
  title: { en: 'Responses that are routed away', zh: '把响应路由走' },
  teaches: {
    en: 'How the test server is left alone, what guards the clients then, and what may not be forgotten.',
    zh: '怎样让测试服务器不受打扰，那时用什么保护客户端，以及什么绝不能忘。',
  },
  minutes: 15,
  topology: 'data-link',
  bare: true,
  steps: [
    {
      name: 'directly',
      title: { en: 'The way to the client', zh: '去客户端的路' },
      text: {
        en: `In this architecture the test server gets a route, and nothing else: what it answers to clients goes to an assistant, which forwards
nothing, and on which intercept captures. There are client ({client}), online ({online}), test ({test}) and assistant
({assistant}), all on one network, on purpose: nothing but the route keeps responses from the clients ({range}).

At first there is no route: {exec} test -- ip route get {client}`,
        zh: `在这种架构里，测试服务器只得到一条路由：它对客户端的应答去往一台 assistant，后者什么也不转发，intercept 就在那里抓包。
节点有 client（{client}）、online（{online}）、test（{test}）和 assistant（{assistant}），故意都放在同一个网络里：
除了那条路由，没有什么能阻止响应到达客户端（{range}）。

一开始没有路由：{exec} test -- ip route get {client}`,
      },
      task: {
        en: 'See for yourself that the client reaches test directly: ask test:8080 for /direct.',
        zh: '亲眼看看客户端能直接到达 test：向 test:8080 请求 /direct。',
      },
      checks: [logged('test', '/direct')],
      hint: { en: 'curl -s -m 2, on the client.', zh: '在客户端上用 curl -s -m 2。' },
      answer: [{ on: 'client', run: 'curl -s -m 2 http://test:8080/direct' }],
      picture: printed('test', 'ip route'),
      after: {
        en: 'One line for the whole network, and no "via" in it: this is the ARP path, and it has to go first.',
        zh: '整个网络只有一行，里面没有 “via”：这是 ARP 路径，首先要堵上它。',
      },
    },
    {
      name: 'black-hole',
      title: { en: 'A black hole', zh: '黑洞' },
      text: {
        en: `What remains when everything else is lost must be safe. A black hole is a route that drops; its metric is worse than that of any route
that is given none, so that it never stands in the way of the next step.

  ip route add blackhole <range> metric 4096`,
        zh: `当其他一切都失去时，剩下的必须是安全的。黑洞是一条丢弃数据包的路由；它的 metric 比任何没有写 metric 的路由都差，所以不会妨碍下一步。

  ip route add blackhole <网段> metric 4096`,
      },
      task: {
        en: "Put a black hole for the clients' range behind everything on test.",
        zh: '在 test 上，为客户端的网段垫一个黑洞。',
      },
      checks: [
        says(
          { en: 'test has a black hole for {range}', zh: 'test 有一个针对 {range} 的黑洞' },
          'test',
          'ip route show type blackhole',
          /blackhole .*metric 4096/,
        ),
        says(
          { en: 'the client asks test, and waits in vain', zh: '客户端去问 test，白等一场' },
          'client',
          'curl -s -m 1 -o /dev/null http://test:8080/nowhere; echo "curl: $?"',
          /curl: 28/,
        ),
      ],
      hint: { en: 'The range is {range}.', zh: '网段是 {range}。' },
      answer: [{ on: 'test', run: 'ip route add blackhole {range} metric 4096' }],
      picture: printed('test', 'ip route'),
      after: {
        en: 'The test server has nothing to say to these addresses any more.',
        zh: '测试服务器对这些地址已经无话可说。',
      },
    },
    {
      name: 'route',
      title: { en: 'The route', zh: '路由' },
      text: {
        en: 'Now the route to the assistant: ip route add <range> via <assistant>. It forwards nothing (net.ipv4.ip_forward is 0 there).',
        zh: '现在建立通往 assistant 的路由：ip route add <网段> via <assistant>。它什么也不转发（那里的 net.ipv4.ip_forward 是 0）。',
      },
      task: {
        en: 'Lead what test says to {range} to the assistant.',
        zh: '把 test 对 {range} 说的话引到 assistant。',
      },
      checks: [
        says(
          { en: 'the way to the client leads via the assistant', zh: '去客户端的路经过 assistant' },
          'test',
          'ip route get {client}',
          / via /,
        ),
      ],
      hint: { en: 'The assistant is {assistant}.', zh: 'assistant 是 {assistant}。' },
      answer: [{ on: 'test', run: 'ip route add {range} via {assistant}' }],
      picture: printed('test', 'ip route'),
      after: {
        en: 'Two routes for the range; the one with the better metric counts.',
        zh: '这个网段有两条路由；metric 更好的那条算数。',
      },
    },
    {
      name: 'redirects',
      title: { en: 'No way around it', zh: '没有别的路' },
      text: {
        en: `A router that gets a packet which it has to send back to the same network tells the sender a shorter way: an ICMP redirect. The
assistant sends none, because it forwards nothing; and the test server must not believe one. Why a rule, and not
accept_redirects=0? Linux sets net.ipv4.conf.all.accept_redirects to 1 whenever ip_forward becomes 0: whoever sets both in
the wrong order has redirects on.

  iptables -I INPUT -p icmp --icmp-type redirect -j DROP`,
        zh: `路由器如果要把包发回同一个网络，会告诉发送方一条更短的路：ICMP 重定向。assistant 不会发，因为它不转发；而测试服务器也不该相信。
为什么用规则，而不用 accept_redirects=0？因为每当 ip_forward 变成 0，Linux 就把 net.ipv4.conf.all.accept_redirects 设成 1：
两个设置顺序反了，重定向就开着。

  iptables -I INPUT -p icmp --icmp-type redirect -j DROP`,
      },
      task: { en: 'Let test drop every ICMP redirect.', zh: '让 test 丢弃所有 ICMP 重定向。' },
      checks: [
        // Whether the setting is on, which verify looks at as well, is up to the engine.
        says(
          { en: 'INPUT of test drops ICMP redirects', zh: 'test 的 INPUT 链丢弃 ICMP 重定向' },
          'test',
          'iptables -S INPUT',
          /^-A INPUT -p icmp -m icmp --icmp-type 5 -j DROP$/m,
        ),
        guarded({
          en: 'verify finds nothing about routes, black hole, redirects and assistant',
          zh: 'verify 对路由、黑洞、重定向和 assistant 都没有意见',
        }),
      ],
      hint: { en: 'The rule stands in INPUT of test.', zh: '规则放在 test 的 INPUT 链。' },
      answer: [{ on: 'test', run: 'iptables -I INPUT -p icmp --icmp-type redirect -j DROP' }],
      picture: parts,
      after: { en: 'The guard of this architecture is whole.', zh: '这种架构的防线完整了。' },
    },
    {
      name: 'copy',
      title: { en: 'intercept and tcpcopy', zh: 'intercept 和 tcpcopy' },
      text: {
        en: `On the assistant intercept captures (-i) what a filter (-F) lets in: the responses. There is no passlist, as the online server is not
behind the route. -s of tcpcopy names the assistant.

  intercept -i eth0 -F 'tcp and src port <port>' -d
  tcpcopy -x <port>-<test server>:<port> -s <assistant> -d`,
        zh: `在 assistant 上，intercept 抓取（-i）过滤器（-F）放进来的内容：响应。没有白名单，因为线上服务器不在那条路由后面。tcpcopy 的 -s 写 assistant。

  intercept -i eth0 -F 'tcp and src port <端口>' -d
  tcpcopy -x <端口>-<测试服务器>:<端口> -s <assistant> -d`,
      },
      task: {
        en: 'Start both, and see a request for /copied arrive at test.',
        zh: '启动两者，并看到一个 /copied 请求到达 test。',
      },
      checks: [runs('intercept', /-F/), runs('tcpcopy'), armed(true), logged('test', '/copied')],
      hint: {
        en: 'intercept on assistant, port 8080; tcpcopy on online.',
        zh: 'intercept 在 assistant 上，端口 8080；tcpcopy 在 online 上。',
      },
      answer: [
        { on: 'assistant', run: INTERCEPT },
        { on: 'online', run: `${TCPCOPY} && ${AWAIT_COPYING}` },
        { on: 'client', run: 'curl -s http://online/copied' },
      ],
      picture: oneRequest,
      after: {
        en: 'Here the responses are on the wire: from test to the assistant, where they end.',
        zh: '在这里，响应出现在网线上：从 test 到 assistant，并在那里终止。',
      },
    },
    {
      name: 'broken',
      title: { en: 'Without the route', zh: '没有路由' },
      text: {
        en: 'Take the route away, and the black hole shows what it is for.',
        zh: '拿走路由，黑洞就显出它的用处。',
      },
      task: { en: 'Delete the route to the assistant on test.', zh: '在 test 上删除通往 assistant 的路由。' },
      checks: [
        found({ en: 'verify finds route-missing', zh: 'verify 发现 route-missing' }, 'route-missing'),
        says(
          { en: 'the client asks test, and still waits in vain', zh: '客户端去问 test，仍然白等' },
          'client',
          'curl -s -m 1 -o /dev/null http://test:8080/nowhere; echo "curl: $?"',
          /curl: 28/,
        ),
      ],
      hint: { en: 'ip route del, with the words of the add.', zh: 'ip route del，后面的内容和 add 时一样。' },
      answer: [{ on: 'test', run: 'ip route del {range} via {assistant}' }],
      picture: parts,
      after: { en: 'route-missing, and not one leaked frame.', zh: 'route-missing，没有泄漏一个帧。' },
    },
    {
      name: 'forwards',
      title: { en: 'An assistant that forwards', zh: '会转发的 assistant' },
      text: {
        en: `Put the route back. Then do what an administrator would who needs a router: let the assistant forward. Within a node the kernel's
parameters are read-only; from outside it is:

  {sysctl} assistant net.ipv4.ip_forward=1`,
        zh: `把路由放回去。然后做一件需要路由器的管理员会做的事：让 assistant 转发。在节点里内核参数是只读的；从外面这样设：

  {sysctl} assistant net.ipv4.ip_forward=1`,
      },
      task: {
        en: 'Restore the route, and set net.ipv4.ip_forward to 1 on the assistant.',
        zh: '恢复路由，并把 assistant 的 net.ipv4.ip_forward 设为 1。',
      },
      checks: [
        says(
          { en: 'the way to the client leads via the assistant', zh: '去客户端的路经过 assistant' },
          'test',
          'ip route get {client}',
          / via /,
        ),
        found(
          { en: 'verify finds assistant-forwards', zh: 'verify 发现 assistant-forwards' },
          'assistant-forwards',
        ),
        armed(false),
      ],
      hint: { en: 'Two commands; the second one is in the text.', zh: '两条命令；第二条就在正文里。' },
      answer: [
        { on: 'test', run: 'ip route add {range} via {assistant}' },
        { on: 'assistant', sysctl: 'net.ipv4.ip_forward', value: '1' },
      ],
      picture: parts,
      after: {
        en: 'intercept sees it within 100 ms, and is not armed any more: tcpcopy sends nothing.',
        zh: 'intercept 在 100 毫秒内发现，并不再就绪：tcpcopy 什么也不发。',
      },
    },
    {
      name: 'mended',
      title: { en: 'Mended', zh: '修好' },
      text: {
        en: 'Every part of the guard has now been away once.',
        zh: '现在防线的每个部分都缺席过一次了。',
      },
      task: {
        en: 'Let the assistant forward nothing again, and see the copy go on by itself.',
        zh: '让 assistant 重新什么也不转发，并看到复制自己继续。',
      },
      checks: [
        guarded({ en: 'verify finds nothing about the guard', zh: 'verify 对防线没有任何意见' }),
        armed(true),
      ],
      hint: { en: '0 instead of 1.', zh: '把 1 换成 0。' },
      answer: [{ on: 'assistant', sysctl: 'net.ipv4.ip_forward', value: '0' }],
      picture: parts,
      after: { en: '`./bin/lab verify` would pass now.', zh: '现在 `./bin/lab verify` 会通过。' },
    },
  ],
};
