/** A test server that answers otherwise than the online server. */
import { armed, logged, says } from '../../classroom/checks';
import { oneRequest, printed } from '../../classroom/picture';
import type { Lesson } from '../../lesson/lesson';

const CLOSING =
  "echo 'keepalive_timeout 0;' >/run/nginx.d/closing.conf && nginx -c /run/nginx.conf -s reload";
const KEEPING = 'rm /run/nginx.d/closing.conf && nginx -c /run/nginx.conf -s reload';
const HEADERS = 'curl -s -m 2 -o /dev/null -D - http://test:8080/probe';
const CONNECTIONS = "grep '^/kept ' /var/log/nginx/access.log | awk '{ print $4 }' | sort -u | wc -l";

export const otherwise: Lesson = {
  name: 'otherwise',
  title: { en: 'A test server that answers otherwise', zh: '回答不一样的测试服务器' },
  teaches: {
    en: 'What comes of a copy when the test server closes connections that the online server keeps, and when it stands still.',
    zh: '当测试服务器关闭线上服务器保持着的连接，或者停住不动时，复制会怎样。',
  },
  minutes: 10,
  topology: 'traditional',
  bare: false,
  steps: [
    {
      name: 'closes',
      title: { en: 'It closes each connection', zh: '它关闭每条连接' },
      text: {
        en: `Traffic is copied to a test server because it is not the online server: a new version, other limits. Here it shall close every
connection behind an answer, while the online server keeps them. What stands in /run/nginx.d/*.conf belongs to nginx's settings:

  ${CLOSING}`,
        zh: `流量被复制到测试服务器，正因为它不是线上服务器：新版本，不同的限制。这里让它每答一次就关闭连接，而线上服务器保持连接。
/run/nginx.d/*.conf 的内容属于 nginx 的设置：

  ${CLOSING}`,
      },
      task: {
        en: 'Have the nginx of test close connections behind each answer.',
        zh: '让 test 的 nginx 每次应答后关闭连接。',
      },
      checks: [
        says(
          { en: 'test says "Connection: close"', zh: 'test 说 “Connection: close”' },
          'online',
          HEADERS,
          /Connection: close/i,
        ),
        says(
          { en: 'online keeps connections', zh: 'online 保持连接' },
          'client',
          'curl -s -o /dev/null -D - http://online/probe',
          /keep-alive/i,
        ),
      ],
      hint: {
        en: 'The command of the text needs a shell: sh -c "…".',
        zh: '正文里的命令需要 shell：sh -c "…"。',
      },
      answer: [{ on: 'test', run: `${CLOSING}; sleep 0.5` }],
      picture: printed('online', HEADERS),
      after: { en: 'From now on the two servers differ.', zh: '从现在起两台服务器不一样了。' },
    },
    {
      name: 'kept',
      title: { en: 'The client goes on', zh: '客户端继续' },
      text: {
        en: `A client that the online server lets go on is played on in a new connection to the test server, as often as it takes. A request is said
again only where the test server has said that it did not take it; what it may have carried out already is counted
(requests_doubtful), and named in the log.`,
        zh: `线上服务器还让它继续的客户端，会在通往测试服务器的一条新连接里继续重演，需要多少次就多少次。只有测试服务器表明没有接受的请求才会再说一遍；
可能已经执行过的会被计数（requests_doubtful），并在日志里写明。`,
      },
      task: {
        en: 'Send 20 requests for /kept on one connection (ab -k -n 20 -c 1). All of them shall arrive at test, each in another connection.',
        zh: '在一条连接上发送 20 个 /kept 请求（ab -k -n 20 -c 1）。它们要全部到达 test，每个都在另一条连接里。',
      },
      checks: [
        logged('test', '/kept', 20),
        says(
          { en: 'online had one connection for them', zh: 'online 用了一条连接' },
          'online',
          CONNECTIONS,
          /^1$/m,
        ),
        says({ en: 'test had twenty', zh: 'test 用了二十条' }, 'test', CONNECTIONS, /^(20|2[1-9])$/m),
      ],
      hint: {
        en: 'The last number in a line of the access log is the connection.',
        zh: '访问日志每行最后的数字是连接编号。',
      },
      answer: [{ on: 'client', run: 'ab -q -k -n 20 -c 1 http://online/kept >/dev/null' }],
      picture: printed('test', "grep '^/kept ' /var/log/nginx/access.log | tail -n 5"),
      after: {
        en: 'Another connection in each line: the client knows nothing of them.',
        zh: '每行都是另一条连接：客户端对此一无所知。',
      },
    },
    {
      name: 'stuck',
      title: { en: 'It stands still', zh: '它停住不动' },
      text: {
        en: `Test servers are stopped, debugged, overloaded. SIGSTOP makes nginx stand still, while its kernel goes on accepting connections. The
online server must not notice.

  pkill -STOP -x nginx`,
        zh: `测试服务器会被停下、被调试、被压垮。SIGSTOP 让 nginx 停住不动，而它的内核还在接受连接。线上服务器不应该察觉。

  pkill -STOP -x nginx`,
      },
      task: {
        en: 'Stop nginx on test so, and send a request for /late to the online server.',
        zh: '这样停住 test 的 nginx，并向线上服务器发一个 /late 请求。',
      },
      checks: [
        says(
          { en: 'nginx on test stands still', zh: 'test 的 nginx 停住不动' },
          'test',
          'ps -C nginx -o stat=',
          /^T/m,
        ),
        logged('online', '/late'),
        logged('test', '/late', 0),
      ],
      hint: { en: 'On test, not on online.', zh: '在 test 上，不是 online。' },
      answer: [
        { on: 'test', run: 'pkill -STOP -x nginx' },
        { on: 'client', run: 'curl -s http://online/late' },
      ],
      picture: printed('test', "ps -C nginx -o stat=,args=; ss -tan 'sport = :8080' | tail -n 3"),
      after: {
        en: 'The client had its answer at once. The copy is in the hands of the test server, and waits.',
        zh: '客户端立刻得到了应答。复制已经交到测试服务器手里，正在等待。',
      },
    },
    {
      name: 'late',
      title: { en: 'Late, and whole', zh: '迟到，但完整' },
      text: {
        en: 'What waits is sent when the test server goes on. How late is counted (lateness_ms), and --late-max bounds it.',
        zh: '等待的内容会在测试服务器继续时送达。迟了多久有计数（lateness_ms），--late-max 可以设上限。',
      },
      task: {
        en: 'Let nginx go on (SIGCONT), and keep connections as before. /late shall arrive, and then /kept-again.',
        zh: '让 nginx 继续（SIGCONT），并像以前一样保持连接。/late 要到达，然后是 /kept-again。',
      },
      checks: [
        logged('test', '/late'),
        says({ en: 'test keeps connections', zh: 'test 保持连接' }, 'online', HEADERS, /keep-alive/i),
        logged('test', '/kept-again'),
        armed(true),
      ],
      hint: {
        en: 'pkill -CONT, then remove /run/nginx.d/closing.conf and reload.',
        zh: 'pkill -CONT，然后删除 /run/nginx.d/closing.conf 并重新加载。',
      },
      answer: [
        { on: 'test', run: `pkill -CONT -x nginx; ${KEEPING}; sleep 0.5` },
        { on: 'client', run: 'curl -s http://online/kept-again' },
      ],
      picture: oneRequest,
      after: {
        en: 'docs/otherwise.md says what is promised, and what cannot be.',
        zh: 'docs/otherwise.zh-CN.md 写明了能保证什么，不能保证什么。',
      },
    },
  ],
};
