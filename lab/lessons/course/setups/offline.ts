/** Captures: recorded on the online server, played on the test server. */
import { logged, recorded } from '../../classroom/checks';
import { captured, printed } from '../../classroom/picture';
import { recordInBackground, stopRecording } from '../../lesson/commands';
import type { Lesson } from '../../lesson/lesson';
import type { Sighting } from '../../pictures/arrows';
import type { Places } from '../../words/language';

const FILE = '/tmp/online.pcap';
const PLAY = `tcpcopy -i ${FILE} -x 80-{test}:8080`;

const has20Requests = (all: readonly Sighting[], { client }: Places): boolean =>
  all.filter((one) => one.source === client && one.destinationPort === 80 && one.payload_bytes > 0).length >=
  20;

export const offline: Lesson = {
  name: 'offline',
  title: { en: 'Offline: yesterday, played again', zh: '离线：重演昨天' },
  teaches: {
    en: 'How traffic is recorded, carried to the test server and played there, as often and as fast as one likes.',
    zh: '怎样录下流量，带到测试服务器，在那里重演，想多少次就多少次，想多快就多快。',
  },
  minutes: 10,
  topology: 'offline',
  bare: false,
  steps: [
    {
      name: 'record',
      title: { en: 'Record', zh: '录制' },
      text: {
        en: `Nothing of the copy runs on the online server here; only tcpdump, for as long as one wants to record.

  {exec} online -- tcpdump -i eth0 -U -w ${FILE} tcp port 80

It goes on until Ctrl-C (or pkill -INT -x tcpdump). The requests are made meanwhile, in a second terminal.`,
        zh: `这里线上服务器上没有复制的任何部分，只有 tcpdump，想录多久就多久。

  {exec} online -- tcpdump -i eth0 -U -w ${FILE} tcp port 80

它一直运行到 Ctrl-C（或者 pkill -INT -x tcpdump）。同时在第二个终端里发请求。`,
      },
      task: {
        en: `Record 20 requests for /recorded of the client in ${FILE} on online, each in a connection of its own.`,
        zh: `把客户端的 20 个 /recorded 请求录进 online 上的 ${FILE}，每个请求一条连接。`,
      },
      checks: [
        logged('online', '/recorded', 20),
        recorded(
          {
            en: `${FILE} on online has 20 requests of the client`,
            zh: `online 上的 ${FILE} 里有客户端的 20 个请求`,
          },
          { node: 'online', file: FILE, has: has20Requests },
        ),
      ],
      hint: {
        en: 'ab -q -n 20 http://online/recorded makes a connection for each.',
        zh: 'ab -q -n 20 http://online/recorded 会为每个请求建立一条连接。',
      },
      answer: [
        { on: 'online', run: recordInBackground(FILE, 'tcp port 80') },
        { on: 'client', run: 'ab -q -n 20 http://online/recorded >/dev/null' },
        { on: 'online', run: stopRecording },
      ],
      picture: captured('online', FILE, ['client', 'online'], 10),
      after: {
        en: 'The first connection of the file, and the beginning of the second.',
        zh: '文件里的第一条连接，和第二条的开头。',
      },
    },
    {
      name: 'carry',
      title: { en: 'Carry it over', zh: '带过去' },
      text: {
        en: `On real servers it is scp, or a pipe. Between nodes of a lab it is a pipe through this machine:

  {exec} online -- cat <file> | {exec} test -- sh -c 'cat ><file>'`,
        zh: `在真实的服务器上用 scp 或管道。在实验环境的节点之间，用一条经过本机的管道：

  {exec} online -- cat <文件> | {exec} test -- sh -c 'cat ><文件>'`,
      },
      task: { en: `Bring the capture to ${FILE} on test.`, zh: `把抓包文件带到 test 上的 ${FILE}。` },
      checks: [
        recorded(
          { en: `${FILE} on test has the 20 requests`, zh: `test 上的 ${FILE} 里有那 20 个请求` },
          { node: 'test', file: FILE, has: has20Requests },
        ),
      ],
      hint: { en: 'Both files have the same name.', zh: '两个文件同名。' },
      answer: [{ carry: FILE, from: 'online', to: 'test' }],
      picture: printed('test', `ls -l ${FILE}; tcpdump -nr ${FILE} --count 2>/dev/null`),
      after: { en: "It could as well be last year's.", zh: '它也可以是去年的。' },
    },
    {
      name: 'play',
      title: { en: 'Play it', zh: '重演' },
      text: {
        en: `On the test server, where the guard and intercept stand already, tcpcopy reads the file in the place of a device. -x names the online
server's port as it is in the capture, and the test server as clients would use it. At the end it gives an account.

  ${PLAY}`,
        zh: `在测试服务器上，防线和 intercept 已经就绪；tcpcopy 读文件代替网卡。-x 写抓包文件里线上服务器的端口，以及客户端会用的测试服务器地址。
结束时它会给出一份账目。

  ${PLAY}`,
      },
      task: {
        en: 'Play the capture on test: all 20 requests shall arrive.',
        zh: '在 test 上重演这个抓包文件：20 个请求都要到达。',
      },
      checks: [logged('test', '/recorded', 20)],
      hint: {
        en: 'The command of the text, on test. It ends by itself.',
        zh: '正文里的命令，在 test 上运行。它会自己结束。',
      },
      answer: [{ on: 'test', run: PLAY }],
      picture: printed('test', 'tail -n 3 /var/log/nginx/access.log'),
      after: {
        en: 'Each request is in the log, on a connection of its own, as it was recorded.',
        zh: '每个请求都在日志里，各在自己的连接上，和录制时一样。',
      },
    },
    {
      name: 'faster',
      title: { en: 'Faster, and again', zh: '更快，再来' },
      text: {
        en: '-a 10 plays ten times as fast as it was recorded, -T 3 three times, each time with new connections.',
        zh: '-a 10 以录制时十倍的速度重演，-T 3 重演三次，每次都用新的连接。',
      },
      task: {
        en: 'Play it three times more, ten times as fast: 80 requests in all.',
        zh: '再以十倍速度重演三次：总共 80 个请求。',
      },
      checks: [logged('test', '/recorded', 80)],
      hint: { en: 'One command with both options.', zh: '一条命令，两个选项。' },
      answer: [{ on: 'test', run: `${PLAY} -a 10 -T 3` }],
      picture: printed(
        'test',
        "grep -c '^/recorded ' /var/log/nginx/access.log; tail -n 2 /var/log/nginx/access.log",
      ),
      after: {
        en: '`./bin/lab replay <file>` plays a capture in a lab of its own, and holds every request against what arrived.',
        zh: '`./bin/lab replay <文件>` 在自己的实验环境里重演抓包文件，并逐个核对到达的请求。',
      },
    },
  ],
};
