/** Faults in how the two programs were started. */
import type { Fault } from './fault';
import { shell, startedAs } from './lines';

const of = (fault: Omit<Fault, 'kind' | 'topology'>): Fault => ({
  kind: 'option',
  topology: 'traditional',
  ...fault,
});

export const optionFaults: readonly Fault[] = [
  of({
    name: 'online-port',
    complaint: {
      en: 'tcpcopy runs, intercept runs, the guard is proven. Not a single request is copied.',
      zh: 'tcpcopy 在运行，intercept 在运行，防线得到了证明。一个请求也没有复制。',
    },
    ...startedAs('tcpcopy', 'tcpcopy -x 81-{test}:8080 -s {online} -d'),
    because: {
      en: 'tcpcopy copied port 81 of the online server, where nobody listens.',
      zh: 'tcpcopy 复制的是线上服务器的 81 端口，那里没有人监听。',
    },
  }),
  of({
    name: 'test-port',
    complaint: {
      en: 'The test server refuses every copy, although its application is up: I can see it in ss.',
      zh: '测试服务器拒绝每一个复制，可它的应用明明在运行：ss 里看得到。',
    },
    ...startedAs('tcpcopy', 'tcpcopy -x 80-{test}:8081 -s {online} -d'),
    because: {
      en: 'tcpcopy sent to port 8081; the application listens on 8080.',
      zh: 'tcpcopy 发往 8081 端口；应用监听的是 8080。',
    },
  }),
  of({
    name: 'half',
    complaint: {
      en: 'The load on the test server is only half of what we expected. It must be faster than we thought.',
      zh: '测试服务器的负载只有预期的一半。它一定比我们想的快。',
    },
    ...startedAs('tcpcopy', 'tcpcopy -x 80-{test}:8080 -s {online} -r 50 -d'),
    because: { en: 'With -r 50 half of the connections are copied.', zh: '-r 50 只复制一半的连接。' },
  }),
  of({
    name: 'twice',
    complaint: {
      en: 'Our application on the test server says that each order was placed twice. It has a bug, surely.',
      zh: '测试服务器上的应用说每个订单都下了两次。肯定是应用有 bug。',
    },
    ...startedAs('tcpcopy', 'tcpcopy -x 80-{test}:8080 -s {online} -n 2 -d'),
    because: { en: 'With -n 2 each connection is copied twice.', zh: '-n 2 把每条连接复制两次。' },
  }),
  of({
    name: 'second-tcpcopy',
    complaint: {
      en: 'Each order was placed twice. The options of tcpcopy are right, I have looked at its process.',
      zh: '每个订单都下了两次。tcpcopy 的选项没有错，我看过它的进程了。',
    },
    ...shell(
      'online',
      'tcpcopy -x 80-{test}:8080 -s {online} -f 7 -l /var/log/second.log -d',
      "pkill -TERM -f '[s]econd.log'; while pgrep -f '[s]econd.log' >/dev/null; do sleep 0.1; done",
    ),
    because: {
      en: 'A second tcpcopy ran, with a port shift (-f) of its own.',
      zh: '还有第二个 tcpcopy 在运行，它有自己的端口偏移（-f）。',
    },
  }),
  of({
    name: 'cut',
    complaint: {
      en: 'Small requests are copied, larger ones are not. The MTU is 1500 everywhere, we have checked.',
      zh: '小请求复制了，大的没有。MTU 到处都是 1500，我们检查过。',
    },
    ...startedAs('tcpcopy', 'tcpcopy -x 80-{test}:8080 -s {online} -S 300 -d'),
    because: {
      en: 'With -S 300 longer packets are captured in part, and not copied.',
      zh: '-S 300 让更长的包只抓到一部分，因此不被复制。',
    },
  }),
  of({
    name: 'loopback',
    complaint: {
      en: 'Clients are busy, and tcpcopy has captured nothing since it was started.',
      zh: '客户端很忙，tcpcopy 从启动到现在什么也没抓到。',
    },
    ...startedAs('tcpcopy', 'tcpcopy -x 80-{test}:8080 -s {online} -i lo -d'),
    because: {
      en: 'It captured on the loopback device only (-i lo).',
      zh: '它只在回环设备上抓包（-i lo）。',
    },
  }),
  of({
    name: 'filter',
    complaint: {
      en: 'The filter of tcpcopy names the right port of the test server, and still nothing is captured.',
      zh: 'tcpcopy 的过滤器写的就是测试服务器的端口，可还是什么也没抓到。',
    },
    ...startedAs('tcpcopy', "tcpcopy -x 80-{test}:8080 -s {online} -F 'tcp and dst port 8080' -d"),
    because: {
      en: '-F is about what clients send to the online server: its port is 80.',
      zh: '-F 说的是客户端发给线上服务器的内容：端口是 80。',
    },
  }),
  of({
    name: 'source-local',
    complaint: {
      en: 'As we are in a cloud, copies come from our own address now. Not one of them is sent.',
      zh: '因为在云上，我们让复制用自己的地址发出。可是一个也没有发出去。',
    },
    ...startedAs('tcpcopy', 'tcpcopy -x 80-{test}:8080 -s {online} -c {online} -d'),
    because: {
      en: 'The online server is on the passlist: what is answered to it is let through, unless intercept is told which ports are copies (--own-copies).',
      zh: '线上服务器在白名单上：给它的应答会放行，除非告诉 intercept 哪些端口属于复制（--own-copies）。',
    },
  }),
  of({
    name: 'wrong-intercept',
    complaint: {
      en: 'tcpcopy waits for intercept, which runs and has never heard of it.',
      zh: 'tcpcopy 在等 intercept；intercept 在运行，却从来没听说过它。',
    },
    ...startedAs('tcpcopy', 'tcpcopy -x 80-{test}:8080 -s {client} -d'),
    because: {
      en: '-s named the client, where no intercept runs.',
      zh: '-s 写成了客户端，那里没有 intercept。',
    },
  }),
  of({
    name: 'control-port',
    complaint: {
      en: 'tcpcopy says "connection refused" about intercept. There is no firewall between them.',
      zh: 'tcpcopy 说 intercept “connection refused”。它们之间没有防火墙。',
    },
    ...startedAs('tcpcopy', 'tcpcopy -x 80-{test}:8080 -s {online} -p 36525 -d'),
    because: {
      en: 'tcpcopy asked on port 36525; intercept listens on 36524.',
      zh: 'tcpcopy 连的是 36525 端口；intercept 监听 36524。',
    },
  }),
  of({
    name: 'queue-number',
    complaint: {
      en: 'intercept was restarted "with the same options". The test server has been silent since.',
      zh: 'intercept “用同样的选项”重启了。从那以后测试服务器就沉默了。',
    },
    ...startedAs('intercept', 'intercept -x {online} -b {test} -Q 1 -d'),
    because: {
      en: 'It listened on queue 1; the rule leads to queue 0.',
      zh: '它监听队列 1；规则通向队列 0。',
    },
  }),
  of({
    name: 'bound-elsewhere',
    complaint: {
      en: 'On the test server itself one can connect to intercept. From the online server one cannot.',
      zh: '在测试服务器本机上能连上 intercept，从线上服务器却不能。',
    },
    ...startedAs('intercept', 'intercept -x {online} -b 127.0.0.1 -d'),
    because: {
      en: 'intercept was bound to the loopback address (-b).',
      zh: 'intercept 绑定在回环地址上（-b）。',
    },
  }),
  of({
    name: 'client-on-passlist',
    complaint: {
      en: 'One client may use the test server directly now, as it wished. It is the only one, and now nothing is copied.',
      zh: '有一个客户端想直接使用测试服务器，现在可以了。它也是唯一的客户端，而现在什么也没复制。',
    },
    ...startedAs('intercept', 'intercept -x {online},{client} -b {test} -d'),
    because: {
      en: 'Clients on the passlist are not copied, for they would hear the answers.',
      zh: '白名单上的客户端不会被复制，因为它们会听到应答。',
    },
  }),
  of({
    name: 'passlist-empty',
    complaint: {
      en: 'The copy is fine. Only the online server cannot reach the test server any more.',
      zh: '复制没问题，只是线上服务器再也连不上测试服务器了。',
    },
    ...startedAs('intercept', 'intercept -b {test} -d'),
    because: { en: 'The online server was not on the passlist (-x).', zh: '线上服务器不在白名单（-x）上。' },
  }),
];
