/** Segments that are lost between the servers, and sent again. */
import { counts, logged, recorded, says } from '../../classroom/checks';
import { oneRequest, printed } from '../../classroom/picture';
import { recordInBackground, stopRecording } from '../../lesson/commands';
import type { Lesson } from '../../lesson/lesson';

const LOSSY = 'INPUT -p tcp --dport 8080 -m statistic --mode random --probability 0.2 -j DROP';
const FILE = '/tmp/loss.pcap';

export const loss: Lesson = {
  name: 'loss',
  title: { en: 'Loss and retransmission, seen', zh: '看见丢包与重传' },
  teaches: {
    en: 'What comes of segments that are lost on the way to the test server: they are sent again, and all requests arrive.',
    zh: '去往测试服务器途中丢失的报文段会怎样：它们被重发，所有请求都会到达。',
  },
  minutes: 8,
  topology: 'traditional',
  bare: false,
  steps: [
    {
      name: 'lossy',
      title: { en: 'A bad network', zh: '糟糕的网络' },
      text: {
        en: `iptables can lose packets by chance. The rule stands in INPUT of the test server, so that tcpdump still sees what is lost behind it.

  iptables -I ${LOSSY}`,
        zh: `iptables 可以随机丢包。规则放在测试服务器的 INPUT 链里，这样 tcpdump 仍能看到在它之后丢失的包。

  iptables -I ${LOSSY}`,
      },
      task: {
        en: 'Let test lose every fifth packet that comes to port 8080.',
        zh: '让 test 平均每五个来到 8080 端口的包丢一个。',
      },
      checks: [
        says(
          { en: 'test loses packets for port 8080 by chance', zh: 'test 随机丢弃去往 8080 端口的包' },
          'test',
          'iptables -S INPUT',
          /--dport 8080 -m statistic --mode random --probability 0\.[12]\d* .*-j DROP/,
        ),
      ],
      hint: { en: 'A probability of 0.2.', zh: '概率 0.2。' },
      answer: [{ on: 'test', run: `iptables -I ${LOSSY}` }],
      picture: printed('test', 'iptables -L INPUT -nv'),
      after: { en: 'The first column will count what it has lost.', zh: '第一列会统计它丢了多少。' },
    },
    {
      name: 'again',
      title: { en: 'Sent again', zh: '重发' },
      text: {
        en: `The virtual TCP client has a retransmission timer of its own: what the test server does not acknowledge is said again, whatever the
client and the online server do meanwhile. tcpcopy counts it (packets_retransmitted). A capture on the test server shows
the same bytes twice.

  tcpdump -i eth0 -U -w ${FILE} dst port 8080`,
        zh: `虚拟 TCP 客户端有自己的重传定时器：测试服务器没有确认的内容会再说一遍，不管客户端和线上服务器这时在做什么。
tcpcopy 会统计（packets_retransmitted）。在测试服务器上抓包，能看到同样的字节出现两次。

  tcpdump -i eth0 -U -w ${FILE} dst port 8080`,
      },
      task: {
        en: `Record in ${FILE} on test what comes to port 8080, while the client sends 60 requests for /lossy. All of them shall arrive.`,
        zh: `在客户端发送 60 个 /lossy 请求的同时，把来到 8080 端口的包录进 test 上的 ${FILE}。所有请求都要到达。`,
      },
      checks: [
        logged('test', '/lossy', 60),
        counts(
          { en: 'tcpcopy has sent packets again', zh: 'tcpcopy 重发过包' },
          { node: 'online', program: 'tcpcopy', counter: 'packets_retransmitted', least: 1 },
        ),
        recorded(
          { en: `${FILE} on test has the same bytes twice`, zh: `test 上的 ${FILE} 里有出现了两次的字节` },
          {
            node: 'test',
            file: FILE,
            has: (all) => {
              const words = all
                .filter(({ payload_bytes }) => payload_bytes > 0)
                .map(({ source, sourcePort, sequence }) => `${source}:${sourcePort} ${sequence}`);
              return new Set(words).size < words.length;
            },
          },
        ),
      ],
      hint: {
        en: 'Start tcpdump before ab, and end it after all have arrived; give the last ones some seconds.',
        zh: '在 ab 之前启动 tcpdump，全部到达之后再结束它；给最后几个请求几秒钟。',
      },
      answer: [
        { on: 'test', run: recordInBackground(FILE, 'dst port 8080') },
        { on: 'client', run: 'ab -q -n 60 -c 3 http://online/lossy >/dev/null' },
        {
          on: 'test',
          run: `for turn in $(seq 200); do [ $(grep -c '^/lossy ' /var/log/nginx/access.log) -ge 60 ] && break; sleep 0.1; done; ${stopRecording}`,
        },
      ],
      picture: printed('test', 'iptables -L INPUT -nv'),
      after: { en: 'So many packets were lost, and no request.', zh: '丢了这么多包，却没有丢一个请求。' },
    },
    {
      name: 'clean',
      title: { en: 'The network is mended', zh: '网络修好了' },
      text: {
        en: 'What was learned of a bad network is forgotten when it no longer fits.',
        zh: '从糟糕的网络学到的，不再适用时就会被忘掉。',
      },
      task: {
        en: 'Take the rule away, and see a request for /clean arrive at test.',
        zh: '去掉这条规则，并看到一个 /clean 请求到达 test。',
      },
      checks: [
        says(
          { en: 'test loses nothing', zh: 'test 不再丢包' },
          'test',
          'iptables -S INPUT | grep -c statistic',
          /^0$/m,
        ),
        logged('test', '/clean'),
      ],
      hint: { en: 'iptables -D, with the words of the -I.', zh: 'iptables -D，内容和 -I 时一样。' },
      answer: [
        { on: 'test', run: `iptables -D ${LOSSY}` },
        { on: 'client', run: 'curl -s http://online/clean' },
      ],
      picture: oneRequest,
      after: { en: 'No word is said twice any more.', zh: '不再有话说两遍。' },
    },
  ],
};
