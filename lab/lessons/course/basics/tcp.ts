/** What TCP does, as far as one must know it to understand a copy. */
import { ACK, FIN, RST, SYN } from '../../../../src/wire/tcp';
import { recorded, says } from '../../classroom/checks';
import { captured, printed } from '../../classroom/picture';
import type { Sighting } from '../../pictures/arrows';
import type { Lesson } from '../../lesson/lesson';

const record = (file: string, url: string, seconds: number): string =>
  `timeout ${seconds} tcpdump -i eth0 -n -U --immediate-mode -w ${file} tcp & sleep 1; curl -s -m ${seconds - 2} ${url}; wait`;

const only =
  (flags: number, but = 0) =>
  ({ flags: has }: Sighting): boolean =>
    (has & flags) === flags && (has & but) === 0;

export const tcp: Lesson = {
  name: 'tcp',
  title: { en: 'TCP in ten minutes', zh: '十分钟看懂 TCP' },
  teaches: {
    en: 'What a SYN is, what a connection consists of, and what happens when nobody answers.',
    zh: 'SYN 是什么，一条连接由什么组成，没有人应答时会发生什么。',
  },
  minutes: 10,
  topology: 'traditional',
  bare: true,
  steps: [
    {
      name: 'handshake',
      title: { en: 'How a connection begins and ends', zh: '一条连接怎样开始，怎样结束' },
      text: {
        en: `TCP carries bytes in both directions, in order and without gaps. Both sides count them: each byte has a sequence
number. A connection begins with three segments. The client sends a SYN (synchronise), which says at which number it
begins to count; the server answers with SYN ACK, its own number and an acknowledgment of the client's; the client
acknowledges that. A FIN says that a side has nothing more to say. This is all that an address and a port on each side
need to talk, and all that tcpcopy has to play again.

tcpdump writes what passes a device into a capture file:
  {exec} client -- sh -c '${record('/tmp/handshake.pcap', 'http://online/hello', 4)}'`,
        zh: `TCP 在两个方向上传送字节，按顺序，不缺失。双方都在计数：每个字节有一个序列号。一条连接以三个报文段开始：客户端发 SYN
（synchronise），说明自己从哪个号开始数；服务器回 SYN ACK，带上自己的号并确认客户端的号；客户端再确认它。FIN 表示这一方没有话要说了。
双方各有一个地址和一个端口，加上这些，就能对话；tcpcopy 要重演的也就是这些。

tcpdump 把经过网卡的内容写进抓包文件：
  {exec} client -- sh -c '${record('/tmp/handshake.pcap', 'http://online/hello', 4)}'`,
      },
      task: {
        en: 'Record one request of the client to the online server, from its SYN to its last FIN, in /tmp/handshake.pcap on client.',
        zh: '把客户端对线上服务器的一个请求，从 SYN 到最后的 FIN，录进 client 上的 /tmp/handshake.pcap。',
      },
      checks: [
        recorded(
          {
            en: '/tmp/handshake.pcap on client has SYN, SYN ACK, a request, and both FINs',
            zh: 'client 上的 /tmp/handshake.pcap 里有 SYN、SYN ACK、一个请求和双方的 FIN',
          },
          {
            node: 'client',
            file: '/tmp/handshake.pcap',
            has: (all, { client, online }) =>
              all.some((one) => one.source === client && only(SYN, ACK)(one)) &&
              all.some((one) => one.source === online && only(SYN | ACK)(one)) &&
              all.some((one) => one.source === client && one.payload_bytes > 0) &&
              [client, online].every((side) => all.some((one) => one.source === side && only(FIN)(one))),
          },
        ),
      ],
      hint: {
        en: 'tcpdump must listen before curl begins, and go on until curl has ended: start it in the background, and wait.',
        zh: 'tcpdump 必须在 curl 开始之前就在监听，并且一直到 curl 结束：把它放到后台，然后等待。',
      },
      answer: [{ on: 'client', run: record('/tmp/handshake.pcap', 'http://online/hello', 4) }],
      picture: captured('client', '/tmp/handshake.pcap', ['client', 'online']),
      after: {
        en: `Only the SYNs show the numbers as they are; behind them the picture counts from there. The request has as many bytes as
the next acknowledgment has grown by. SYN and FIN take a number each, as if they were a byte.`,
        zh: `只有 SYN 显示真实的号码；之后图里从那里数起。请求有多少字节，下一个确认号就增加多少。SYN 和 FIN 各占一个号，好像它们是一个字节。`,
      },
    },
    {
      name: 'refused',
      title: { en: 'A port where nobody listens', zh: '没有人监听的端口' },
      text: {
        en: `A reset (RST) ends a connection at once, without a farewell. A kernel sends one whenever it gets a segment for which it has
no connection: to a SYN for a port where nobody listens, above all. A client that
got an answer from a test server that it never spoke to would do the same.`,
        zh: `复位（RST）立刻结束一条连接，不打招呼。内核收到一个不属于任何连接的报文段时就会发 RST，最常见的是 SYN 来到一个没有人监听的端口。
请记住这一点：如果客户端收到测试服务器的应答，而它从来没有跟那个地址说过话，它的内核也会这样做。`,
      },
      task: {
        en: 'Record in /tmp/refused.pcap on client how the online server answers a SYN for port 81, where nobody listens.',
        zh: '线上服务器的 81 端口没有人监听。把它怎样回答发往 81 端口的 SYN 录进 client 上的 /tmp/refused.pcap。',
      },
      checks: [
        recorded(
          {
            en: '/tmp/refused.pcap on client has a SYN, and a RST that answers it',
            zh: 'client 上的 /tmp/refused.pcap 里有一个 SYN，以及回答它的 RST',
          },
          {
            node: 'client',
            file: '/tmp/refused.pcap',
            has: (all, { online }) =>
              all.some(
                (one) => one.destination === online && one.destinationPort === 81 && only(SYN, ACK)(one),
              ) && all.some((one) => one.source === online && one.sourcePort === 81 && only(RST)(one)),
          },
        ),
      ],
      hint: {
        en: 'The command of the last step, with another file and another port in the URL.',
        zh: '上一步的命令，换一个文件名，URL 里换一个端口。',
      },
      answer: [{ on: 'client', run: record('/tmp/refused.pcap', 'http://online:81/', 3) }],
      picture: captured('client', '/tmp/refused.pcap', ['client', 'online']),
      after: {
        en: 'Two segments, and it is over. curl calls that "connection refused", and so do counters of tcpcopy (test-refused).',
        zh: '两个报文段就结束了。curl 称之为 “connection refused”，tcpcopy 的计数器也这样叫（test-refused）。',
      },
    },
    {
      name: 'ignored',
      title: { en: 'Nobody answers', zh: '没有人应答' },
      text: {
        en: `What is not acknowledged is sent again: after a second at first (the retransmission timer, RTO), then after twice as long, and
so on. Nothing tells the sender whether its segment was lost, or the answer. A firewall that drops in silence looks from
outside like a cable that is cut.

iptables decides on packets; a rule in INPUT sees what comes to this machine:
  iptables -I INPUT -p tcp --dport <port> -j DROP`,
        zh: `没有得到确认的报文段会重发：第一次在一秒之后（重传定时器，RTO），然后每次等待时间加倍。发送方无法知道丢的是它的报文段还是对方的应答。
默默丢包的防火墙，从外面看和断掉的网线没有两样。

iptables 决定数据包的去留；INPUT 里的规则看到的是来到本机的包：
  iptables -I INPUT -p tcp --dport <端口> -j DROP`,
      },
      task: {
        en: `Let the online server drop what comes to port 82, and record in /tmp/ignored.pcap on client how the client tries at least
three times.`,
        zh: '让线上服务器丢弃来到 82 端口的一切，并在 client 上的 /tmp/ignored.pcap 里录下客户端至少三次的尝试。',
      },
      checks: [
        says(
          { en: 'online drops what comes to port 82', zh: 'online 丢弃来到 82 端口的包' },
          'online',
          'iptables -S INPUT',
          /--dport 82 -j DROP/,
        ),
        recorded(
          {
            en: '/tmp/ignored.pcap on client has the same SYN three times, and no answer',
            zh: 'client 上的 /tmp/ignored.pcap 里有三次同样的 SYN，没有应答',
          },
          {
            node: 'client',
            file: '/tmp/ignored.pcap',
            has: (all) => {
              const tries = all.filter((one) => one.destinationPort === 82 && only(SYN, ACK)(one));
              const again = tries.filter(({ sequence }) => sequence === tries[0]?.sequence);
              return again.length >= 3 && !all.some(({ sourcePort }) => sourcePort === 82);
            },
          },
        ),
      ],
      hint: {
        en: 'The third try comes three seconds behind the first one (1 + 2): give curl four seconds, and tcpdump six.',
        zh: '第三次尝试在第一次之后三秒（1 + 2）：给 curl 四秒，给 tcpdump 六秒。',
      },
      answer: [
        { on: 'online', run: 'iptables -I INPUT -p tcp --dport 82 -j DROP' },
        { on: 'client', run: `${record('/tmp/ignored.pcap', 'http://online:82/', 6)}; true` },
      ],
      picture: captured('client', '/tmp/ignored.pcap', ['client', 'online']),
      after: {
        en: 'The same sequence number each time: it is the same SYN. The pauses double.',
        zh: '每次都是同一个序列号：这是同一个 SYN。间隔每次加倍。',
      },
    },
    {
      name: 'state',
      title: { en: 'Where a connection is', zh: '连接在哪里' },
      text: {
        en: `Between the servers there is no wire that belongs to a connection. It is a note in each of two kernels: addresses, ports,
numbers. ss shows these notes. Whoever sends segments with the right addresses and numbers is believed; that is what makes
it possible to play a client.

bash opens a connection and holds it: {exec} client -- bash -c 'exec 3<>/dev/tcp/online/80; sleep 60'`,
        zh: `两台服务器之间并没有一根属于这条连接的线。连接只是两个内核里各有的一条记录：地址、端口、号码。ss 显示这些记录。
谁发出的报文段地址和号码都对，谁就被相信；正因为如此，才有可能扮演一个客户端。

bash 可以打开一条连接并保持住：{exec} client -- bash -c 'exec 3<>/dev/tcp/online/80; sleep 60'`,
      },
      task: {
        en: 'Hold a connection of the client to port 80 of the online server open, while you check. (A second terminal helps, or a & behind the command.)',
        zh: '保持一条客户端到线上服务器 80 端口的连接，同时进行检查。（可以用第二个终端，或者在命令后面加 &。）',
      },
      checks: [
        says(
          { en: 'online has an open connection of client', zh: 'online 有一条 client 的打开着的连接' },
          'online',
          "ss -tnH state established '( sport = :80 and dst {client} )'",
          /:80\s/,
        ),
      ],
      hint: {
        en: 'The command of the text ends when its sleep does; the connection is closed with it.',
        zh: '正文里的命令在 sleep 结束时结束，连接也随之关闭。',
      },
      answer: [
        {
          on: 'client',
          run: "setsid bash -c 'exec 3<>/dev/tcp/online/80; sleep 60' >/dev/null 2>&1 </dev/null &",
        },
      ],
      picture: printed('online', "ss -tn state established '( sport = :80 )'"),
      after: {
        en: `The online server's note of it. On the test server you will see the same client's address in such a note soon, though
no client ever spoke to it.`,
        zh: '这是线上服务器的记录。很快你会在测试服务器上看到一条带有同一个客户端地址的记录，虽然没有任何客户端跟它说过话。',
      },
    },
  ],
};
