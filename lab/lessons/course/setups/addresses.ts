/** Clients from everywhere, whose copies come from one range. */
import { contains, parseSubnet, placeOf } from '../../../topology/addresses';
import { logged, recorded, runs } from '../../classroom/checks';
import { printed } from '../../classroom/picture';
import { recordInBackground, stopRecording } from '../../lesson/commands';
import type { Lesson } from '../../lesson/lesson';

const FILE = '/tmp/range.pcap';
/** Addresses of the client's range, from the routing table, where it is wherever the lab stands. */
const MANY = `range=$(ip -o route show table local type local dev lo | grep -o '[0-9.]*/20' | head -n 1); base=\${range%.*}; for last in $(seq 1 50); do curl -s --interface $base.$last http://online/from-far; done`;

export const addresses: Lesson = {
  name: 'addresses',
  title: { en: 'Clients from everywhere', zh: '来自各处的客户端' },
  teaches: {
    en: 'How copies get addresses of one range, so that one route serves clients of any address.',
    zh: '怎样让复制的地址都在一个网段里，使一条路由就能服务任何地址的客户端。',
  },
  minutes: 8,
  topology: 'subnet-clients',
  bare: false,
  steps: [
    {
      name: 'many',
      title: { en: 'Fifty addresses', zh: '五十个地址' },
      text: {
        en: `A route needs a range of addresses, and the clients of a real server have any address there is. The client of this lab answers for
4,096 addresses (ip route show table local); the test server has a route for 254 others, {range}, which nobody has, and black
holes for everything that is a client's. tcpcopy was started with -c, so copies come from {range}.

curl --interface <address> speaks from another address of its machine.`,
        zh: `一条路由需要一个地址网段，而真实服务器的客户端可以是任何地址。这个实验环境的客户端拥有 4,096 个地址（ip route show table local）；
测试服务器有一条路由，指向另外 254 个谁也没有的地址 {range}，而对所有客户端地址都是黑洞。tcpcopy 启动时带了 -c，所以复制来自 {range}。

curl --interface <地址> 用本机的另一个地址说话。`,
      },
      task: {
        en: `Send 50 requests for /from-far from 50 addresses of the client, and record in ${FILE} on test from which addresses they come in.`,
        zh: `用客户端的 50 个地址发 50 个 /from-far 请求，并把它们到来时的地址录进 test 上的 ${FILE}。`,
      },
      checks: [
        logged('test', '/from-far', 50),
        recorded(
          {
            en: `${FILE} on test has requests from many addresses, all of {range}`,
            zh: `test 上的 ${FILE} 里有来自许多地址的请求，全在 {range} 里`,
          },
          {
            node: 'test',
            file: FILE,
            has: (all, { range }) => {
              const sources = new Set(
                all.filter(({ destinationPort }) => destinationPort === 8080).map(({ source }) => source),
              );
              const within = parseSubnet(range!)!;
              return sources.size >= 20 && [...sources].every((one) => contains(within, placeOf(one)));
            },
          },
        ),
      ],
      hint: {
        en: 'A loop of the shell on client, over the last number of an address; tcpdump on test before it.',
        zh: '在 client 上写一个 shell 循环，变换地址的最后一个数；之前先在 test 上启动 tcpdump。',
      },
      answer: [
        { on: 'test', run: recordInBackground(FILE, 'dst port 8080') },
        { on: 'client', run: MANY },
        { on: 'test', run: `sleep 0.5; ${stopRecording}` },
      ],
      picture: printed(
        'test',
        `tcpdump -nr ${FILE} 'tcp[13] = 2' 2>/dev/null | awk '{ print $3 }' | cut -d. -f1-4 | sort -u | head -n 5`,
      ),
      after: {
        en: 'A client keeps its address in the range, so that a test server that counts by address still sees many. Who they are is lost.',
        zh: '同一个客户端在网段里总是同一个地址，所以按地址统计的测试服务器仍然看到许多客户端。失去的是它们是谁。',
      },
    },
    {
      name: 'without',
      title: { en: 'Without -c', zh: '没有 -c' },
      text: {
        en: `What if somebody forgets -c? Nothing may leak: for the clients' own addresses test has black holes. End tcpcopy, and start it without.

  tcpcopy -x 80-{test}:8080 -s {assistant} -d`,
        zh: `如果有人忘了 -c 会怎样？不允许有任何泄漏：对客户端自己的地址，test 有黑洞。结束 tcpcopy，再不带 -c 启动它。

  tcpcopy -x 80-{test}:8080 -s {assistant} -d`,
      },
      task: { en: 'Do that, and send a request for /forgotten.', zh: '这样做，并发一个 /forgotten 请求。' },
      checks: [
        runs('tcpcopy', /^(?!.* -c)/),
        logged('online', '/forgotten'),
        logged('test', '/forgotten', 0),
      ],
      hint: {
        en: 'pkill -TERM -x tcpcopy, and a moment of patience.',
        zh: 'pkill -TERM -x tcpcopy，再等片刻。',
      },
      answer: [
        {
          on: 'online',
          run: 'pkill -TERM -x tcpcopy; while pgrep -x tcpcopy >/dev/null; do sleep 0.1; done; tcpcopy -x 80-{test}:8080 -s {assistant} -d; sleep 2',
        },
        { on: 'client', run: 'curl -s http://online/forgotten' },
      ],
      picture: printed('test', 'ip route show type blackhole'),
      after: {
        en: 'It was answered by nobody. How far -c goes: each address of the range has 64,512 ports.',
        zh: '没有人应答它。-c 能走多远：网段里每个地址有 64,512 个端口。',
      },
    },
  ],
};
