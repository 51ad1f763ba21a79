/** The parts in a wrong order, and one of them going away. */
import { armed, gone, guarded, logged, runs, says } from '../../classroom/checks';
import { oneRequest, parts, printed } from '../../classroom/picture';
import { INTERCEPT, RULE, stop, tcpcopyWith } from '../../lesson/commands';
import type { Lesson } from '../../lesson/lesson';

const LOG = "grep -E 'copying|waiting|suspended|armed' /var/log/tcpcopy.log | tail -n 4 | cut -c1-150";

export const order: Lesson = {
  name: 'order',
  title: { en: 'The order', zh: '顺序' },
  teaches: {
    en: 'Why the original is taught to be started last, and why no order does harm here.',
    zh: '为什么大家教人最后才启动原版 tcpcopy，而在这里任何顺序都无害。',
  },
  minutes: 10,
  topology: 'traditional',
  bare: true,
  steps: [
    {
      name: 'too-early',
      title: { en: 'tcpcopy first', zh: '先启动 tcpcopy' },
      text: {
        en: `Copies keep the client's address, so the test server would answer the client itself as long as no guard stands. This is why
the original tcpcopy is taught to be started last: a habit, which people forget. Start it first, with no rule and no
intercept anywhere.

  ${tcpcopyWith()}`,
        zh: `复制的包保留客户端的地址，所以在防线建立之前，测试服务器会直接回答客户端。这就是为什么大家教人最后才启动原版 tcpcopy：那是一种习惯，
而习惯会被忘记。现在就先启动它，没有规则，也没有 intercept。

  ${tcpcopyWith()}`,
      },
      task: {
        en: 'Start tcpcopy on online, send a request for /too-early to the online server, and see that nothing is sent to test.',
        zh: '在 online 上启动 tcpcopy，向线上服务器发一个 /too-early 请求，并确认什么也没有发给 test。',
      },
      checks: [
        runs('tcpcopy'),
        armed(false),
        logged('online', '/too-early'),
        logged('test', '/too-early', 0),
      ],
      hint: {
        en: 'Its log says what it waits for: {exec} online -- tail /var/log/tcpcopy.log',
        zh: '日志会说它在等什么：{exec} online -- tail /var/log/tcpcopy.log',
      },
      answer: [
        { on: 'online', run: tcpcopyWith() },
        { on: 'client', run: 'curl -s http://online/too-early' },
      ],
      picture: printed('online', LOG),
      after: {
        en: 'It waits, and says for what. Nothing was sent, so nothing could be answered.',
        zh: '它在等，并说明在等什么。什么也没发，也就没有什么可回答的。',
      },
    },
    {
      name: 'nobody-listens',
      title: { en: 'A guard with nobody behind it', zh: '身后无人的防线' },
      text: {
        en: `With the rule and without intercept, the queue has no listener. The kernel drops what comes to it, from whomever: the guard
fails closed.`,
        zh: '有规则而没有 intercept，队列就没有人监听。来到队列的一切都被内核丢弃，不管是谁的：防线失效时是关着的。',
      },
      task: {
        en: 'Put the rule up on test, and see that even the online server gets no answer from test:8080.',
        zh: '在 test 上建立规则，并确认连线上服务器也得不到 test:8080 的应答。',
      },
      checks: [
        guarded({ en: 'every response goes to a queue first', zh: '每个响应都先进入队列' }),
        says(
          { en: 'nobody listens on a queue of test', zh: 'test 的队列没有人监听' },
          'test',
          'cat /proc/net/netfilter/nfnetlink_queue',
          /^$/,
        ),
        says(
          { en: 'online asks test, and waits in vain', zh: 'online 去问 test，白等一场' },
          'online',
          'curl -s -m 1 -o /dev/null http://test:8080/nobody; echo "curl: $?"',
          /curl: 28/,
        ),
      ],
      hint: {
        en: 'iptables, chain OUTPUT, source port 8080, target NFQUEUE.',
        zh: 'iptables，OUTPUT 链，源端口 8080，目标 NFQUEUE。',
      },
      answer: [{ on: 'test', run: `iptables -I ${RULE}` }],
      picture: parts,
      after: {
        en: '28 is the status of curl for "no answer in time".',
        zh: '28 是 curl 表示“没有及时得到应答”的状态。',
      },
    },
    {
      name: 'by-itself',
      title: { en: 'It begins by itself', zh: '它自己开始' },
      text: {
        en: `tcpcopy tries again twice a second. As soon as intercept is there and has caught a packet of its own (a canary), copying
begins; nobody has to restart anything.

  ${INTERCEPT}`,
        zh: `tcpcopy 每秒重试两次。只要 intercept 在了，并且截住过自己发的一个包（金丝雀），复制就开始；谁也不用重启什么。

  ${INTERCEPT}`,
      },
      task: {
        en: 'Start intercept on test, and see a request for /in-time arrive there.',
        zh: '在 test 上启动 intercept，并看到一个 /in-time 请求到达那里。',
      },
      checks: [armed(true), logged('test', '/in-time')],
      hint: {
        en: 'Wait until the log of tcpcopy says "copying", then send the request.',
        zh: '等 tcpcopy 的日志说 “copying”，再发请求。',
      },
      answer: [
        { on: 'test', run: INTERCEPT },
        {
          on: 'online',
          run: `for turn in $(seq 100); do grep -q '"copying"' /var/log/tcpcopy.log && exit; sleep 0.1; done; exit 1`,
        },
        { on: 'client', run: 'curl -s http://online/in-time' },
      ],
      picture: oneRequest,
      after: {
        en: 'The request of step 1 is lost, and counted (segments_dropped_not-armed); from now on all are copied.',
        zh: '第一步的请求丢了，但被计数（segments_dropped_not-armed）；从现在起全部复制。',
      },
    },
    {
      name: 'gone',
      title: { en: 'intercept goes away', zh: 'intercept 走了' },
      text: {
        en: 'Now take intercept away while all the rest stands: pkill -x intercept. What does the client notice of it?',
        zh: '现在让 intercept 离开，其余都留着：pkill -x intercept。客户端会察觉到什么？',
      },
      task: {
        en: 'End intercept, then send a request for /without-intercept.',
        zh: '结束 intercept，然后发一个 /without-intercept 请求。',
      },
      checks: [
        gone('intercept'),
        armed(false),
        logged('online', '/without-intercept'),
        logged('test', '/without-intercept', 0),
      ],
      hint: {
        en: 'intercept runs on test; it needs a moment to end.',
        zh: 'intercept 在 test 上运行；结束它需要一点时间。',
      },
      answer: [
        { on: 'test', run: stop('intercept') },
        { on: 'client', run: 'curl -s http://online/without-intercept' },
      ],
      picture: parts,
      after: { en: 'The client noticed nothing. Copying has stopped.', zh: '客户端什么也没察觉。复制停了。' },
    },
    {
      name: 'back',
      title: { en: 'And comes back', zh: '又回来了' },
      text: {
        en: 'Whatever is lost and found again: tcpcopy goes on as soon as the guard is proven.',
        zh: '无论什么失而复得：只要防线得到证明，tcpcopy 就继续。',
      },
      task: {
        en: 'Bring intercept back, and see a request for /back arrive at test.',
        zh: '让 intercept 回来，并看到一个 /back 请求到达 test。',
      },
      checks: [armed(true), logged('test', '/back')],
      hint: { en: 'Nothing else than in step 3.', zh: '和第三步完全一样。' },
      answer: [
        { on: 'test', run: INTERCEPT },
        {
          on: 'online',
          run: `for turn in $(seq 100); do tail -n 1 /var/log/tcpcopy.log | grep -q '"copying"' && exit; sleep 0.1; done; exit 1`,
        },
        { on: 'client', run: 'curl -s http://online/back' },
      ],
      picture: printed('online', LOG),
      after: {
        en: '`./bin/lab run all` plays all six orders of starting, and all of stopping, under load.',
        zh: '`./bin/lab run all` 会在负载下演练全部六种启动顺序和所有停止顺序。',
      },
    },
  ],
};
