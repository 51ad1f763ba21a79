/** Who may use the test server directly, and what that costs. */
import { armed, counts, logged, runs, says } from '../../classroom/checks';
import { oneRequest, parts, printed } from '../../classroom/picture';
import { INTERCEPT, stop } from '../../lesson/commands';
import type { Lesson } from '../../lesson/lesson';

const asks = (node: string, path: string) =>
  says(
    { en: `${node} asks test directly, and is answered`, zh: `${node} 直接去问 test，并得到应答` },
    node,
    `curl -s -m 2 -o /dev/null -w '%{http_code}' http://test:8080${path}`,
    /200/,
  );

export const passlist: Lesson = {
  name: 'passlist',
  title: { en: 'The passlist', zh: '白名单' },
  teaches: {
    en: 'Who may use the test server directly while the guard stands, and why its clients are not copied.',
    zh: '防线建立之后谁还能直接使用测试服务器，以及为什么名单上的客户端不被复制。',
  },
  minutes: 8,
  topology: 'traditional',
  bare: false,
  steps: [
    {
      name: 'on-it',
      title: { en: 'Who is on it', zh: '名单上的' },
      text: {
        en: `The rule takes every response of the port. intercept lets those to the passlist (-x) go, and drops all others. The online server
is on it, for its own use of the test server, such as health checks. Copies carry clients' addresses, so it makes no
difference to them.

  curl -s -m 2 http://test:8080/<path>`,
        zh: `规则抓住该端口的每个响应。intercept 放行去往白名单（-x）的，丢弃其余的。线上服务器在名单上，供它自己使用测试服务器，例如健康检查。
复制的包带的是客户端的地址，所以名单对它们没有影响。

  curl -s -m 2 http://test:8080/<路径>`,
      },
      task: { en: 'Ask test for /health from the online server.', zh: '从线上服务器向 test 请求 /health。' },
      checks: [logged('test', '/health'), asks('online', '/probe')],
      hint: { en: 'The command of the text, run on online.', zh: '正文里的命令，在 online 上运行。' },
      answer: [{ on: 'online', run: 'curl -s -m 2 http://test:8080/health' }],
      picture: printed('test', 'tail -n 2 /var/log/nginx/access.log'),
      after: {
        en: "Both are requests of the online server's own: no copies.",
        zh: '两个都是线上服务器自己的请求，不是复制。',
      },
    },
    {
      name: 'not-on-it',
      title: { en: 'Who is not', zh: '名单外的' },
      text: {
        en: `From the moment when the rule is there, nobody but the passlist is answered on that port: people who use the test server, too. Not
even a handshake comes about, as its SYN ACK is a response like any other. intercept counts what nobody asked for as
replies_unclaimed.`,
        zh: `从规则建立的那一刻起，这个端口除了白名单谁也不应答，包括正在使用测试服务器的人。连握手也完成不了，因为它的 SYN ACK 也是一个响应。
没有人认领的响应，intercept 记为 replies_unclaimed。`,
      },
      task: {
        en: 'Ask test for anything from the client, directly. Give curl two seconds.',
        zh: '从客户端直接向 test 请求任何东西。给 curl 两秒。',
      },
      checks: [
        counts(
          {
            en: 'intercept has dropped responses that nobody claims',
            zh: 'intercept 丢弃了没有人认领的响应',
          },
          { node: 'test', program: 'intercept', counter: 'replies_unclaimed', least: 1 },
        ),
      ],
      hint: {
        en: 'The name is test, the port 8080; the command is going to fail.',
        zh: '名字是 test，端口是 8080；这条命令会失败。',
      },
      answer: [{ on: 'client', run: 'curl -s -m 2 http://test:8080/stranger; true' }],
      picture: printed('test', "ss -tan state syn-recv 'sport = :8080'"),
      after: {
        en: 'Its SYN has arrived: while it lasts, the kernel of test has a half-open connection, and answers again and again, into the queue.',
        zh: '它的 SYN 到了：在这期间，test 的内核有一条半开的连接，一次又一次地回答，都进了队列。',
      },
    },
    {
      name: 'client',
      title: { en: 'A client on the passlist', zh: '把客户端放进名单' },
      text: {
        en: `Somebody asks to have the client put on the list, so that it can look at the test server. The list is told to intercept when it is
started: end it in order (pkill -TERM -x intercept), wait until it is gone, and start it with two addresses behind -x, a
comma between them. tcpcopy goes on by itself.`,
        zh: `有人请求把客户端也放进名单，好让它看看测试服务器。名单是启动时告诉 intercept 的：让它正常结束（pkill -TERM -x intercept），等它结束，
再用 -x 后面两个以逗号分隔的地址启动它。tcpcopy 会自己继续。`,
      },
      task: { en: 'Have the client answered by test:8080.', zh: '让 test:8080 应答客户端。' },
      checks: [runs('intercept', /-x [\d.]+,[\d.]+/), asks('client', '/hello'), armed(true)],
      hint: { en: '{online} and {client}.', zh: '{online} 和 {client}。' },
      answer: [{ on: 'test', run: `${stop('intercept')}; intercept -x {online},{client} -b {test} -d` }],
      picture: parts,
      after: {
        en: 'All is armed, and the client is answered. Something is different all the same.',
        zh: '一切就绪，客户端也得到了应答。但有一样东西变了。',
      },
    },
    {
      name: 'not-copied',
      title: { en: 'What it costs', zh: '代价' },
      text: {
        en: `The response to a copy of this client's would be let through, like any other to its address: it would reach the client. So tcpcopy
does not copy clients of the passlist, and counts their segments (segments_dropped_passlisted).`,
        zh: `对这个客户端的复制所作的响应，会像去往它地址的任何响应一样被放行：它会到达客户端。所以 tcpcopy 不复制白名单上的客户端，
并统计它们的报文段（segments_dropped_passlisted）。`,
      },
      task: {
        en: 'Send a request for /not-copied from the client to the online server.',
        zh: '从客户端向线上服务器发一个 /not-copied 请求。',
      },
      checks: [
        logged('online', '/not-copied'),
        logged('test', '/not-copied', 0),
        counts(
          { en: 'tcpcopy has counted what it does not copy', zh: 'tcpcopy 统计了它没有复制的' },
          { node: 'online', program: 'tcpcopy', counter: 'segments_dropped_passlisted', least: 1 },
        ),
      ],
      hint: { en: 'A request as in every lesson: to online.', zh: '和每一课一样的请求：发给 online。' },
      answer: [{ on: 'client', run: 'curl -s http://online/not-copied' }],
      picture: oneRequest,
      after: { en: 'Online has it, test never will.', zh: 'online 有了它，test 永远不会有。' },
    },
    {
      name: 'restored',
      title: { en: 'As it was', zh: '恢复原样' },
      text: {
        en: 'Health checks and administrators belong on the passlist; clients do not.',
        zh: '健康检查和管理员应该在白名单上；客户端不应该。',
      },
      task: {
        en: 'Take the client off the list, and see /copied-again arrive at test.',
        zh: '把客户端从名单上拿掉，并看到 /copied-again 到达 test。',
      },
      checks: [runs('intercept', /-x [\d.]+ /), armed(true), logged('test', '/copied-again')],
      hint: { en: 'Restart intercept as lesson 2 started it.', zh: '像第 2 课那样重启 intercept。' },
      answer: [
        { on: 'test', run: `${stop('intercept')}; ${INTERCEPT}` },
        { on: 'online', run: 'sleep 2' },
        { on: 'client', run: 'curl -s http://online/copied-again' },
      ],
      picture: oneRequest,
      after: { en: 'And it is copied again.', zh: '它又被复制了。' },
    },
  ],
};
