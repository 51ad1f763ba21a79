/** Options that change what is copied: `-n`, `-r`, `-c`. */
import { armed, logged, recorded, runs, says } from '../../classroom/checks';
import { captured, oneRequest, printed } from '../../classroom/picture';
import { recordInBackground, stop, stopRecording, tcpcopyWith } from '../../lesson/commands';
import type { Lesson } from '../../lesson/lesson';

const FILE = '/tmp/source.pcap';
const AWAIT_COPYING = `for turn in $(seq 100); do tail -n 1 /var/log/tcpcopy.log | grep -q '"copying"' && exit; sleep 0.1; done; exit 1`;
const restartWith = (options?: string): string =>
  `${stop('tcpcopy')}; ${tcpcopyWith(options)} && ${AWAIT_COPYING}`;

export const options: Lesson = {
  name: 'options',
  title: { en: 'More, fewer, from elsewhere: -n, -r, -c', zh: '更多、更少、换个来源：-n、-r、-c' },
  teaches: {
    en: 'How a copy is multiplied, how only a part is copied, and how copies get other addresses.',
    zh: '怎样成倍复制，怎样只复制一部分，怎样让复制使用别的地址。',
  },
  minutes: 10,
  topology: 'traditional',
  bare: false,
  steps: [
    {
      name: 'multiply',
      title: { en: 'Three of each', zh: '一式三份' },
      text: {
        en: `-n multiplies: each connection is copied so many times, every copy from a source port of its own. For a test server that is to be
asked more than the clients ask. tcpcopy is told when it is started: end it (pkill -TERM -x tcpcopy), and start it with the
option.`,
        zh: `-n 成倍复制：每条连接复制这么多次，每个复制都有自己的源端口。适合让测试服务器承受比真实客户端更多的请求。
选项在启动时给出：结束 tcpcopy（pkill -TERM -x tcpcopy），再带着选项启动它。`,
      },
      task: {
        en: 'Copy each connection three times, and see one request for /thrice arrive so often.',
        zh: '把每条连接复制三次，并看到一个 /thrice 请求到达三次。',
      },
      checks: [
        runs('tcpcopy', /-n ?3\b/),
        armed(true),
        says(
          { en: 'the client has sent /thrice once', zh: '客户端只发了一次 /thrice' },
          'online',
          "grep -c '^/thrice ' /var/log/nginx/access.log",
          /^1$/m,
        ),
        logged('test', '/thrice', 3),
      ],
      hint: {
        en: 'The command line of lesson 2, and -n 3. Wait for "copying" in the log before you send.',
        zh: '第 2 课的命令行，加上 -n 3。发请求之前，等日志里出现 “copying”。',
      },
      answer: [
        { on: 'online', run: restartWith('-n 3') },
        { on: 'client', run: 'curl -s http://online/thrice' },
      ],
      picture: oneRequest,
      after: {
        en: 'One connection of the client, three of copies beside each other.',
        zh: '客户端的一条连接，并排三条复制的连接。',
      },
    },
    {
      name: 'percentage',
      title: { en: 'A part of them', zh: '一部分' },
      text: {
        en: `-r copies so many of a hundred connections, chosen by the client's address and port: always the same ones, and each wholly or not
at all. Begin with few in production.`,
        zh: '-r 每一百条连接复制这么多条，按客户端的地址和端口挑选：总是同样那些，每条要么完整复制，要么完全不复制。在生产环境里从小比例开始。',
      },
      task: {
        en: 'Copy a fifth of the connections, without multiplying. Send 100 requests for /some, each on a connection of its own.',
        zh: '只复制五分之一的连接，不成倍。发送 100 个 /some 请求，每个请求一条连接。',
      },
      checks: [
        runs('tcpcopy', /-r ?20\b/),
        logged('online', '/some', 100),
        says(
          {
            en: 'some of them are in the log of test, and not half of them',
            zh: 'test 的日志里有其中一些，但不到一半',
          },
          'test',
          "grep -c '^/some ' /var/log/nginx/access.log",
          /^([1-9]|[1-4]\d)$/m,
        ),
      ],
      hint: {
        en: 'ab without -k makes a connection for each request.',
        zh: 'ab 不带 -k 时每个请求建立一条连接。',
      },
      answer: [
        { on: 'online', run: restartWith('-r 20') },
        { on: 'client', run: 'ab -q -n 100 -c 5 http://online/some >/dev/null' },
        { on: 'test', run: 'sleep 1' },
      ],
      picture: printed(
        'test',
        'echo "$(grep -c \'^/some \' /var/log/nginx/access.log) of 100"; tail -n 1 /var/log/nginx/access.log',
      ),
      after: {
        en: 'About twenty: the ports of one client are spread evenly, and chance does the rest.',
        zh: '大约二十个：一个客户端的端口被均匀分配，其余交给偶然。',
      },
    },
    {
      name: 'source',
      title: { en: 'From another address', zh: '换个地址' },
      text: {
        en: `Networks that drop foreign sources (clouds above all) let no copy pass that has the client's address. -c gives copies addresses of
your choice. Nobody may have them, and nobody on the passlist may: {nobody} is free here.`,
        zh: `会丢弃外来源地址的网络（尤其是云）不会放行带着客户端地址的复制。-c 让复制使用你选的地址。这些地址不能属于任何人，也不能在白名单上：
这里 {nobody} 是空闲的。`,
      },
      task: {
        en: `Have copies come from {nobody}, and record in ${FILE} on test how a request for /elsewhere comes in.`,
        zh: `让复制来自 {nobody}，并把一个 /elsewhere 请求到来的过程录进 test 上的 ${FILE}。`,
      },
      checks: [
        runs('tcpcopy', /-c ?[\d.]+/),
        logged('test', '/elsewhere'),
        recorded(
          {
            en: `${FILE} on test has a request from {nobody}`,
            zh: `test 上的 ${FILE} 里有来自 {nobody} 的请求`,
          },
          {
            node: 'test',
            file: FILE,
            has: (all, { nobody }) => all.some((one) => one.source === nobody && one.payload_bytes > 0),
          },
        ),
      ],
      hint: {
        en: 'tcpdump on test before the request, as in the lesson before this one.',
        zh: '像上一课那样，在请求之前先在 test 上启动 tcpdump。',
      },
      answer: [
        { on: 'online', run: restartWith('-c {nobody}') },
        { on: 'test', run: recordInBackground(FILE, 'dst port 8080') },
        { on: 'client', run: 'curl -s http://online/elsewhere' },
        { on: 'test', run: `sleep 0.5; ${stopRecording}` },
      ],
      picture: captured('test', FILE, ['online', 'test']),
      after: {
        en: `The test server believes that {nobody} spoke to it, and answers there; the guard catches that all the same. What is lost is who the
clients are.`,
        zh: '测试服务器以为是 {nobody} 在跟它说话，并往那里回答；防线照样截住。失去的是客户端的身份。',
      },
    },
    {
      name: 'plain',
      title: { en: 'All of it, once', zh: '全部，一次' },
      text: {
        en: 'All options: docs/options.md, or tcpcopy --help.',
        zh: '全部选项：docs/options.md，或者 tcpcopy --help。',
      },
      task: {
        en: "Copy everything once again, from the clients' addresses, and see /plain arrive.",
        zh: '重新把一切复制一次，用客户端的地址，并看到 /plain 到达。',
      },
      checks: [
        runs('tcpcopy', /^(?!.* -[nrc])/),
        says(
          { en: '/plain is in the log of test once', zh: 'test 的日志里有一次 /plain' },
          'test',
          "grep -c '^/plain ' /var/log/nginx/access.log",
          /^1$/m,
        ),
      ],
      hint: { en: 'No further options.', zh: '不要别的选项。' },
      answer: [
        { on: 'online', run: restartWith() },
        { on: 'client', run: 'curl -s http://online/plain' },
      ],
      picture: oneRequest,
      after: { en: 'As in lesson 2.', zh: '和第 2 课一样。' },
    },
  ],
};
