/** What a copy is for: the next version's answers beside those of this one. */
import { says } from '../../classroom/checks';
import { printed } from '../../classroom/picture';
import type { Action } from '../../classroom/action';
import type { Lesson } from '../../lesson/lesson';

const ONLINE = '/tmp/online.pcap';
const REQUESTS = '/tmp/requests.pcap';
const RESPONSES = '/tmp/responses.pcap';
const GROUP = 5;
const LOG = `-t raw -I OUTPUT -p tcp --sport 8080 -j NFLOG --nflog-group ${GROUP} --nflog-threshold 1`;
const COMPARE = `tcpcopy compare --online ${ONLINE} --test ${REQUESTS},${RESPONSES} -x 80-{test}:8080`;
const [FIRST, SECOND, STATUS] = ['/tmp/first.json', '/tmp/second.json', '/tmp/status'];
const VERSION_2 =
  "echo 'sub_filter ok OK; sub_filter_types *;' >/run/nginx.d/version-2.conf && nginx -c /run/nginx.conf -s reload";

const RECORD_ONLINE = `tcpdump -i eth0 --immediate-mode -U -s 0 -w ${ONLINE} tcp port 80`;
const RECORD_REQUESTS = `tcpdump -i eth0 --immediate-mode -U -s 0 -w ${REQUESTS} tcp port 8080`;
const RECORD_RESPONSES = `tcpdump -i nflog:${GROUP} -U -s 0 -w ${RESPONSES}`;
const behind = (line: string): string => `setsid ${line} >/dev/null 2>&1 </dev/null &`;
const STOP = 'sleep 1; pkill -INT -x tcpdump; while pgrep -x tcpdump >/dev/null; do sleep 0.05; done';

/** Both servers are recorded while the client asks, and the online server's capture is brought to test. */
const recording: readonly [Action, ...Action[]] = [
  { on: 'online', run: `${behind(RECORD_ONLINE)} sleep 1` },
  { on: 'test', run: `${behind(RECORD_REQUESTS)} ${behind(RECORD_RESPONSES)} sleep 1` },
  { on: 'client', run: 'ab -q -k -n 40 -c 1 http://online/shop/cart >/dev/null' },
  { on: 'online', run: STOP },
  { on: 'test', run: STOP },
];

const requestsIn = (file: string): string => `tcpdump -nr ${file} -A 2>/dev/null | grep -c /shop/cart`;

export const compare: Lesson = {
  name: 'compare',
  title: { en: 'Is version 2 fit for production?', zh: '第 2 版能上生产吗？' },
  teaches: {
    en: 'How the answers of both servers are recorded and compared, and what an exit status makes of it.',
    zh: '怎样录下并比较两台服务器的应答，以及怎样由退出状态作出判断。',
  },
  minutes: 10,
  topology: 'traditional',
  bare: false,
  steps: [
    {
      name: 'record',
      title: { en: 'Record both', zh: '录下两边' },
      text: {
        en: `The copy runs. What the online server answers its tcpdump sees, and that is all that a comparison takes there:

  ${RECORD_ONLINE}

On test the answers end in the guard, before any device. A rule hands a copy of each to a log, and the guard drops them none the less:

  iptables ${LOG}
  ${RECORD_RESPONSES}
  ${RECORD_REQUESTS}`,
        zh: `复制正在运行。在线服务器的应答由它的 tcpdump 看到，比较在那里只需要这一样：

  ${RECORD_ONLINE}

在 test 上，应答在到达任何网卡之前就止于防线。由一条规则把每个应答的副本交给日志，防线照样丢弃它们：

  iptables ${LOG}
  ${RECORD_RESPONSES}
  ${RECORD_REQUESTS}`,
      },
      task: {
        en: `Record ${ONLINE} on online, ${REQUESTS} and ${RESPONSES} on test, while the client asks 40 times for /shop/cart.`,
        zh: `在客户端请求 40 次 /shop/cart 期间，在 online 上录下 ${ONLINE}，在 test 上录下 ${REQUESTS} 和 ${RESPONSES}。`,
      },
      checks: [
        says(
          { en: 'the requests are in the capture of online', zh: 'online 的抓包里有这些请求' },
          'online',
          requestsIn(ONLINE),
          /^[4-9]\d/,
        ),
        says(
          { en: 'the copies are in that of test', zh: 'test 的抓包里有副本' },
          'test',
          requestsIn(REQUESTS),
          /^[4-9]\d/,
        ),
        says(
          { en: 'and its answers are in the other', zh: '另一个文件里有它的应答' },
          'test',
          `tcpdump -nr ${RESPONSES} --count 2>/dev/null`,
          /^[4-9]\d|^\d{3}/,
        ),
      ],
      hint: {
        en: 'Each tcpdump in a terminal of its own, until Ctrl-C; ab -k -n 40 -c 1 asks on one connection.',
        zh: '每个 tcpdump 用自己的终端，直到 Ctrl-C；ab -k -n 40 -c 1 在一条连接上请求。',
      },
      answer: [{ on: 'test', run: `iptables ${LOG}` }, ...recording],
      picture: printed('test', `tcpdump -nr ${RESPONSES} 2>/dev/null | head -n 4`),
      after: {
        en: 'Answers that no client has ever heard.',
        zh: '从来没有客户端听到过的应答。',
      },
    },
    {
      name: 'same',
      title: { en: 'The same version', zh: '同一版本' },
      text: {
        en: `Both servers are the same version now: a comparison that finds something here finds noise. What each answer has anew (its date) is left
out; what else differs between two answers of the same server to the same request is learned, as the client has asked 40 times.

  ${COMPARE}`,
        zh: `现在两台服务器是同一版本：比较如果在这里发现什么，那就是噪声。每个应答都会更新的东西（日期）不比较；
同一台服务器对同一请求的两次应答之间还有什么不同，会自动学会，因为客户端问了 40 次。

  ${COMPARE}`,
      },
      task: {
        en: `Bring ${ONLINE} to test, compare there, and write the result as JSON to ${FIRST}.`,
        zh: `把 ${ONLINE} 带到 test，在那里比较，并把结果以 JSON 写到 ${FIRST}。`,
      },
      checks: [
        says(
          { en: '40 answers were compared', zh: '比较了 40 个应答' },
          'test',
          `grep -m 1 '"pairs"' ${FIRST}`,
          /"pairs": ([4-9]\d|\d{3})/,
        ),
        says(
          { en: 'and none differs', zh: '没有一个不同' },
          'test',
          `grep -m 1 '"differing"' ${FIRST}`,
          /"differing": 0,/,
        ),
      ],
      hint: {
        en: '--json <file>, beside the options of the text.',
        zh: '在正文的选项之外加上 --json <文件>。',
      },
      answer: [
        { carry: ONLINE, from: 'online', to: 'test' },
        { on: 'test', run: `${COMPARE} --json ${FIRST}` },
      ],
      picture: printed('test', COMPARE),
      after: {
        en: 'SAME, and how fast both were. Now it can be believed when it says something else.',
        zh: 'SAME，以及两边各有多快。现在它说出别的结果时就可以相信了。',
      },
    },
    {
      name: 'version-2',
      title: { en: 'Version 2', zh: '第 2 版' },
      prepares: [{ on: 'test', run: `${VERSION_2}; sleep 0.5` }],
      text: {
        en: `The test server has been brought to version 2. Every request still arrives and is answered with status 200; the logs of both servers say
the same. Its authors say that nothing has changed for clients.`,
        zh: `测试服务器已升级到第 2 版。每个请求仍然到达，并以状态 200 应答；两台服务器的日志说的一样。它的作者说，对客户端来说什么都没变。`,
      },
      task: {
        en: `Record both once more (the log's rule still stands), compare, and write the result to ${SECOND}.`,
        zh: `再录一次两边（交给日志的规则还在），比较，并把结果写到 ${SECOND}。`,
      },
      checks: [
        says(
          { en: 'answers differ', zh: '应答不同' },
          'test',
          `grep -m 1 '"differing"' ${SECOND}`,
          /"differing": [1-9]/,
        ),
        says(
          { en: 'at the route that was asked for', zh: '在所请求的路由上' },
          'test',
          `grep -m 1 '"route"' ${SECOND}`,
          /GET \/shop\/cart/,
        ),
      ],
      hint: {
        en: 'The same commands as before, once more; the file of online has to be brought over again.',
        zh: '和之前一样的命令再来一遍；online 的文件要重新带过来。',
      },
      answer: [
        ...recording,
        { carry: ONLINE, from: 'online', to: 'test' },
        { on: 'test', run: `${COMPARE} --json ${SECOND}` },
      ],
      picture: printed('test', COMPARE),
      after: {
        en: 'Where, how often, and both answers one below the other: something has changed for clients.',
        zh: '在哪里、多少次，两个应答上下并列：对客户端来说确实变了。',
      },
    },
    {
      name: 'judge',
      title: { en: 'The verdict', zh: '裁决' },
      text: {
        en: `A pipeline wants one answer. --fail names what must not be, and the exit status is 1 where it is ('differing > 0.1%', 'p99 > 1.2x'); --out writes
the page for whoever has to mend it. It needs nothing else, and shows no cookie and no password.`,
        zh: `流水线只要一个答案。--fail 指明什么不可以发生，发生时退出状态为 1（'differing > 0.1%'、'p99 > 1.2x'）；--out 为要修复它的人写一个页面。
页面自成一体，不会显示 cookie 和密码。`,
      },
      task: {
        en: `Let more than 0.1 % of differing answers fail, write the page to /tmp/report.html, and the exit status to ${STATUS}.`,
        zh: `让超过 0.1 % 的不同应答算失败，把页面写到 /tmp/report.html，把退出状态写到 ${STATUS}。`,
      },
      checks: [
        says({ en: 'the status is 1', zh: '退出状态是 1' }, 'test', `cat ${STATUS}`, /^1$/m),
        says(
          { en: 'the page shows the route', zh: '页面上有这个路由' },
          'test',
          'grep -c /shop/cart /tmp/report.html',
          /^[1-9]/,
        ),
      ],
      hint: { en: 'A shell has it in $? behind the command.', zh: '命令之后，shell 的 $? 里就是它。' },
      answer: [
        {
          on: 'test',
          run: `${COMPARE} --out /tmp/report.html --fail 'differing > 0.1%' >/dev/null; echo $? >${STATUS}`,
        },
      ],
      picture: printed('test', `${COMPARE} --fail 'differing > 0.1%' | tail -n 2`),
      after: {
        en: 'Not yet. In a lab all of this is one command: lab compare.',
        zh: '还不行。在实验环境里这一切只是一条命令：lab compare。',
      },
    },
  ],
};
