/** Many online servers at one test server, whose responses two assistants share. */
import { armed, logged, says } from '../../classroom/checks';
import { parts, printed } from '../../classroom/picture';
import type { Lesson } from '../../lesson/lesson';

const ROUTES = "ip route | grep -v '^default'";
const INTERCEPT = "intercept -i eth0 -F 'tcp and src port 8080' -d";

export const manyOnline: Lesson = {
  name: 'many-online',
  title: { en: 'Many online servers', zh: '多台线上服务器' },
  teaches: {
    en: 'How several online servers share a test server, assistants its responses, and why half of a guard is none.',
    zh: '多台线上服务器怎样共用一台测试服务器，多台 assistant 怎样分担响应，以及为什么半条防线不算防线。',
  },
  minutes: 10,
  topology: 'many-online',
  bare: false,
  steps: [
    {
      name: 'both-halves',
      title: { en: 'Load from both halves', zh: '来自两半的负载' },
      text: {
        en: `Three online servers are copied to one test server. It has two routes, a half of the clients' addresses each, with a black hole behind
both. Every tcpcopy was given both assistants (-s a,b) and is connected to both, as it cannot know which of them will see
the response to a client.

  {exec} test -- ip route
  {exec} online-a -- ss -tn state established 'dport = :36524'`,
        zh: `三台线上服务器被复制到一台测试服务器。它有两条路由，各管一半客户端地址，后面都垫着黑洞。每个 tcpcopy 都得到两台 assistant（-s a,b），
并与两台都建立连接，因为它无法知道对某个客户端的响应会被哪一台看到。

  {exec} test -- ip route
  {exec} online-a -- ss -tn state established 'dport = :36524'`,
      },
      task: {
        en: 'Send 200 requests for /from-a from client-a to online-a, and 200 for /from-b from client-b to online-b.',
        zh: '从 client-a 向 online-a 发 200 个 /from-a 请求，从 client-b 向 online-b 发 200 个 /from-b 请求。',
      },
      checks: [logged('test', '/from-a', 200), logged('test', '/from-b', 200)],
      hint: {
        en: 'ab -q -n 200 -c 5, as in lesson 2, once on each client.',
        zh: '像第 2 课那样用 ab -q -n 200 -c 5，在每个客户端上各一次。',
      },
      answer: [
        { on: 'client-a', run: 'ab -q -n 200 -c 5 http://online-a/from-a >/dev/null' },
        { on: 'client-b', run: 'ab -q -n 200 -c 5 http://online-b/from-b >/dev/null' },
      ],
      picture: printed('test', ROUTES),
      after: {
        en: 'Each assistant has heard its own half (responses and replies_routed among the counters of intercept).',
        zh: '每台 assistant 听到了自己的那一半（intercept 计数器里的 responses 和 replies_routed）。',
      },
    },
    {
      name: 'half',
      title: { en: 'Half of the guard is no guard', zh: '半条防线不算防线' },
      text: {
        en: `client-a belongs to assistant-a. What comes of its requests when the intercept of assistant-b is killed?

  pkill -KILL -x intercept`,
        zh: `client-a 归 assistant-a 管。如果 assistant-b 的 intercept 被杀死，client-a 的请求会怎样？

  pkill -KILL -x intercept`,
      },
      task: {
        en: 'Kill intercept on assistant-b, wait a moment, and send a request for /unguarded from client-a to online-a.',
        zh: '杀死 assistant-b 上的 intercept，等一会儿，再从 client-a 向 online-a 发一个 /unguarded 请求。',
      },
      checks: [
        says(
          { en: 'intercept is gone from assistant-b', zh: 'assistant-b 上没有 intercept 了' },
          'assistant-b',
          'pgrep -x intercept || echo gone',
          /gone/,
        ),
        armed(false),
        logged('online-a', '/unguarded'),
        logged('test', '/unguarded', 0),
      ],
      hint: { en: 'Two seconds are enough for the copies to be dropped.', zh: '两秒足够让复制被放弃。' },
      answer: [
        { on: 'assistant-b', run: 'pkill -KILL -x intercept; sleep 2' },
        { on: 'client-a', run: 'curl -s http://online-a/unguarded' },
      ],
      picture: printed('online-a', 'tail -n 3 /var/log/tcpcopy.log | cut -c1-150'),
      after: {
        en: 'Nothing is copied, of no client: a tcpcopy sends only while all of its intercepts are armed.',
        zh: '任何客户端都不再被复制：只有全部 intercept 都就绪，tcpcopy 才发送。',
      },
    },
    {
      name: 'whole',
      title: { en: 'Both again', zh: '又齐了' },
      text: { en: `  ${INTERCEPT}`, zh: `  ${INTERCEPT}` },
      task: {
        en: 'Bring intercept back on assistant-b, and see a request for /whole of client-a arrive at test.',
        zh: '让 assistant-b 上的 intercept 回来，并看到 client-a 的 /whole 请求到达 test。',
      },
      checks: [armed(true), logged('test', '/whole')],
      hint: {
        en: 'All three tcpcopys go on by themselves; give them a second.',
        zh: '三个 tcpcopy 都会自己继续；给它们一秒钟。',
      },
      answer: [
        { on: 'assistant-b', run: INTERCEPT },
        {
          on: 'online-a',
          run: `for turn in $(seq 100); do tail -n 1 /var/log/tcpcopy.log | grep -q '"copying"' && exit; sleep 0.1; done; exit 1`,
        },
        { on: 'client-a', run: 'curl -s http://online-a/whole' },
      ],
      picture: parts,
      after: {
        en: '`./bin/lab verify` takes the three copies one after the other.',
        zh: '`./bin/lab verify` 会逐个验证这三个复制。',
      },
    },
  ],
};
