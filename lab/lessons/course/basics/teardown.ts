/** How a copy is taken down, and what is to be known before production traffic is copied. */
import { armed, found, gone, guarded, runs, says } from '../../classroom/checks';
import { parts, printed } from '../../classroom/picture';
import { INTERCEPT, RULE, stop, tcpcopyWith } from '../../lesson/commands';
import type { Lesson } from '../../lesson/lesson';

const HELD = "ss -tnH state established '( sport = :8080 and dst {client} )'";
const AWAIT_COPYING = `for turn in $(seq 100); do tail -n 1 /var/log/tcpcopy.log | grep -q '"copying"' && exit; sleep 0.1; done; exit 1`;

export const teardown: Lesson = {
  name: 'teardown',
  title: { en: 'Teardown, and before you copy production traffic', zh: '拆除，以及复制生产流量之前' },
  teaches: {
    en: 'In which order a copy is taken down and why, and how one begins where users are.',
    zh: '按什么顺序拆除复制，为什么；以及在有真实用户的地方怎样开始。',
  },
  minutes: 10,
  topology: 'traditional',
  bare: false,
  steps: [
    {
      name: 'open',
      title: { en: 'A connection that is open', zh: '一条打开着的连接' },
      text: {
        en: `The danger at the end of a copy is a connection that outlives it: without the guard, the test server would send its responses again, to
the client. So let there be one: a client that takes its time.

  {exec} client -- curl -s --limit-rate 100k -o /dev/null http://online/bytes/50m`,
        zh: `复制结束时的危险，是比它活得更久的连接：没有防线，测试服务器会把响应再发一次，发给客户端。那就造一条这样的连接：一个慢吞吞的客户端。

  {exec} client -- curl -s --limit-rate 100k -o /dev/null http://online/bytes/50m`,
      },
      task: {
        en: 'Let the client download something slowly, so that test has an open connection "of the client".',
        zh: '让客户端慢慢下载，使 test 有一条“客户端的”打开着的连接。',
      },
      checks: [
        says(
          { en: 'test has an open connection of the client', zh: 'test 有一条客户端的打开着的连接' },
          'test',
          HELD,
          /:8080\s/,
        ),
      ],
      hint: { en: 'In a second terminal, or with & behind it.', zh: '在第二个终端里，或者在后面加 &。' },
      answer: [
        {
          on: 'client',
          run: 'setsid curl -s --limit-rate 100k -o /dev/null http://online/bytes/50m >/dev/null 2>&1 </dev/null & sleep 1',
        },
      ],
      picture: printed('test', "ss -tn 'sport = :8080'"),
      after: {
        en: 'It believes that it talks to the client, and has much to say.',
        zh: '它以为自己在跟客户端说话，而且还有很多话要说。',
      },
    },
    {
      name: 'tcpcopy',
      title: { en: 'First tcpcopy', zh: '先停 tcpcopy' },
      text: {
        en: 'SIGTERM ends tcpcopy in order: it resets what it plays on the test server.',
        zh: 'SIGTERM 让 tcpcopy 正常结束：它会复位自己在测试服务器上重演的连接。',
      },
      task: { en: 'End tcpcopy in order.', zh: '让 tcpcopy 正常结束。' },
      checks: [
        gone('tcpcopy'),
        says(
          { en: 'test has no copied connection any more', zh: 'test 不再有复制的连接' },
          'test',
          `${HELD} | wc -l`,
          /^0$/m,
        ),
      ],
      hint: { en: 'pkill -TERM -x tcpcopy, on online.', zh: '在 online 上运行 pkill -TERM -x tcpcopy。' },
      answer: [{ on: 'online', run: stop('tcpcopy') }],
      picture: printed('online', 'tail -n 2 /var/log/tcpcopy.log | cut -c1-200'),
      after: {
        en: 'The client goes on with its download: its own connection is another one.',
        zh: '客户端的下载还在继续：它自己的连接是另外一条。',
      },
    },
    {
      name: 'intercept',
      title: { en: 'Then intercept', zh: '然后停 intercept' },
      text: {
        en: 'intercept resets what is left on the test server, and stays until nothing is, for 10 s at most. Look at its log.',
        zh: 'intercept 会复位测试服务器上剩下的连接，一直等到什么都不剩，最多 10 秒。看看它的日志。',
      },
      task: { en: 'End intercept in order.', zh: '让 intercept 正常结束。' },
      checks: [
        gone('intercept'),
        says(
          { en: 'its log says that no copied connection is left', zh: '它的日志说没有剩下复制的连接' },
          'test',
          'tail -n 5 /var/log/intercept.log',
          /no copied connection is left/,
        ),
      ],
      hint: { en: 'The same, on test.', zh: '在 test 上做同样的事。' },
      answer: [{ on: 'test', run: stop('intercept') }],
      picture: parts,
      after: {
        en: 'The guard still stands. Nobody listens, so it drops all.',
        zh: '防线还在。没有人监听，所以它丢弃一切。',
      },
    },
    {
      name: 'rule',
      title: { en: 'The guard goes last', zh: '防线最后走' },
      text: {
        en: 'The guard comes first and goes last, so that there is no moment at which a response could leave.',
        zh: '防线最先来，最后走，这样就没有哪一刻响应能够离开。',
      },
      task: { en: 'Remove the rule.', zh: '删除规则。' },
      checks: [
        found({ en: 'there is no guard any more', zh: '防线已经没有了' }, 'guard-rule-missing'),
        gone('tcpcopy'),
        gone('intercept'),
      ],
      hint: { en: 'iptables -D, with the words of the -I.', zh: 'iptables -D，内容和 -I 时一样。' },
      answer: [{ on: 'test', run: `iptables -D ${RULE}` }],
      picture: parts,
      after: {
        en: 'Nothing of the copy is left. `./bin/lab plan` prints this order.',
        zh: '复制什么也没剩下。`./bin/lab plan` 会打印这个顺序。',
      },
    },
    {
      name: 'production',
      title: { en: 'Before you copy production traffic', zh: '复制生产流量之前' },
      text: {
        en: `Go through docs/production.md on the real servers. In short: TCP, not TLS; a copied order is an order, so what the test
server's application calls must be its own; health checks on the passlist, clients not; never --queue-bypass; port 36524 open
for these two machines only. Ask both doctors. Then begin with few: -r 5. And put a net behind the guard, which catches what
is in flight when somebody takes it away:

  iptables -t mangle -A POSTROUTING -p tcp --sport 8080 ! -d {online} -j DROP`,
        zh: `在真实的服务器上逐条过一遍 docs/production.md。简单说：TCP，不能是 TLS；复制的订单就是订单，所以测试服务器的应用调用的东西必须是它自己的；
健康检查放进白名单，客户端不放；永远不要 --queue-bypass；36524 端口只对这两台机器开放。问问两个 doctor。然后从小比例开始：-r 5。
再在防线后面加一张网，有人拿走防线时它接住还在路上的包：

  iptables -t mangle -A POSTROUTING -p tcp --sport 8080 ! -d {online} -j DROP`,
      },
      task: {
        en: 'Set it up again as you would in production: net, guard, intercept, and tcpcopy with -r 5.',
        zh: '像在生产环境里那样重新搭建：网、防线、intercept，以及带 -r 5 的 tcpcopy。',
      },
      checks: [
        says(
          { en: 'a net stands behind the guard', zh: '防线后面有一张网' },
          'test',
          'iptables -t mangle -S POSTROUTING',
          /! -d [\d.]+(\/32)? .*--sport 8080 -j DROP/,
        ),
        guarded({
          en: 'every response goes to a queue that somebody listens to',
          zh: '每个响应都进入有人监听的队列',
        }),
        runs('tcpcopy', /-r ?5\b/),
        armed(true),
      ],
      hint: {
        en: 'Four commands; three of them are those of lesson 2.',
        zh: '四条命令；其中三条就是第 2 课的。',
      },
      answer: [
        { on: 'test', run: 'iptables -t mangle -A POSTROUTING -p tcp --sport 8080 ! -d {online} -j DROP' },
        { on: 'test', run: `iptables -I ${RULE}` },
        { on: 'test', run: INTERCEPT },
        { on: 'online', run: `${tcpcopyWith('-r 5')} && ${AWAIT_COPYING}` },
      ],
      picture: parts,
      after: {
        en: 'Now the exam: `./bin/lab exam --seed 41`.',
        zh: '现在去考试：`./bin/lab exam --seed 41`。',
      },
    },
  ],
};
