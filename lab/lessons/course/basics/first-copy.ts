/** A copy, set up by hand in the order in which it is taught. */
import { armed, guarded, logged, runs } from '../../classroom/checks';
import { oneRequest, parts, printed } from '../../classroom/picture';
import { INTERCEPT, RULE, tcpcopyWith } from '../../lesson/commands';
import type { Lesson } from '../../lesson/lesson';

export const firstCopy: Lesson = {
  name: 'first-copy',
  title: { en: 'A first copy', zh: '第一次复制' },
  teaches: {
    en: 'The three command lines of a copy: what each of them does, and what there is before and after it.',
    zh: '复制的三行命令：每一行做什么，之前和之后各是什么样子。',
  },
  minutes: 15,
  topology: 'traditional',
  bare: true,
  steps: [
    {
      name: 'without',
      title: { en: 'Without a copy', zh: '没有复制时' },
      text: {
        en: `There are three nodes: client ({client}), online ({online}, nginx on port 80) and test ({test}, nginx on port 8080). Nothing
connects the two servers. Each writes a line for every request into /var/log/nginx/access.log: the path, the status, the
length of the request in bytes, and nginx's number of the connection.

  {exec} client -- curl -s http://online/<path>
  {exec} online -- tail /var/log/nginx/access.log`,
        zh: `有三个节点：client（{client}）、online（{online}，80 端口上的 nginx）和 test（{test}，8080 端口上的 nginx）。两台服务器之间没有任何联系。
它们都把每个请求写成 /var/log/nginx/access.log 里的一行：路径、状态、请求的字节数、nginx 的连接编号。

  {exec} client -- curl -s http://online/<路径>
  {exec} online -- tail /var/log/nginx/access.log`,
      },
      task: {
        en: 'Send a request for /before from the client to the online server.',
        zh: '从客户端向线上服务器发一个路径为 /before 的请求。',
      },
      checks: [logged('online', '/before'), logged('test', '/before', 0)],
      hint: {
        en: 'The first command of the text, with this path.',
        zh: '正文里的第一条命令，换成这个路径。',
      },
      answer: [{ on: 'client', run: 'curl -s http://online/before' }],
      picture: oneRequest,
      after: {
        en: 'One conversation, and the test server knows nothing of it.',
        zh: '只有一场对话，测试服务器对此一无所知。',
      },
    },
    {
      name: 'guard',
      title: { en: 'The guard comes first', zh: '先有防线' },
      text: {
        en: `Copies keep the client's address. The test server would answer the client itself, with words of a connection that the client
never had. So its answers must be caught before they leave: by a rule in OUTPUT, where everything passes that a machine
says, which hands them to a queue (NFQUEUE) for a program to decide on.

  iptables -I OUTPUT -p tcp --sport <port of the test server's application> -j NFQUEUE`,
        zh: `复制的数据包保留客户端的地址。测试服务器会因此直接回答客户端，而客户端从来没有过这条连接。所以它的应答必须在离开之前被截住：
在 OUTPUT 链里（一台机器说的一切都经过那里）加一条规则，把应答交给一个队列（NFQUEUE），由程序来裁决。

  iptables -I OUTPUT -p tcp --sport <测试服务器应用的端口> -j NFQUEUE`,
      },
      task: {
        en: 'Put this rule up on test, for the port of its nginx, as the first rule of OUTPUT.',
        zh: '在 test 上为它的 nginx 端口建立这条规则，作为 OUTPUT 的第一条规则。',
      },
      checks: [
        guarded({
          en: 'every response of port 8080 goes to a queue first',
          zh: '8080 端口的每个响应都先进入队列',
        }),
      ],
      hint: {
        en: 'The source port of a response is the port that the request went to: where does the nginx of test listen?',
        zh: '响应的源端口就是请求去往的端口：test 的 nginx 在哪里监听？',
      },
      answer: [{ on: 'test', run: `iptables -I ${RULE}` }],
      picture: parts,
      after: {
        en: `The rule is there, and nobody listens on its queue: what comes to it is dropped by the kernel. The guard fails closed. (With
--queue-bypass it would fail open: never use that.)`,
        zh: `规则在了，队列却还没有人监听：来到队列的一切都被内核丢弃。防线失效时是关着的。（加上 --queue-bypass 就会是开着的：永远不要用它。）`,
      },
    },
    {
      name: 'intercept',
      title: { en: 'intercept listens', zh: 'intercept 开始监听' },
      text: {
        en: `intercept takes the responses out of the queue, tells tcpcopy their headers, and has them dropped. Who is on its passlist (-x)
is answered as ever: the online server itself should be. -b is the address where it listens for tcpcopy, -d sends it to
the background.

  intercept -x <passlist> -b <own address> -d`,
        zh: `intercept 从队列里取出响应，把它们的头部告诉 tcpcopy，并让内核丢弃它们。白名单（-x）上的地址照常得到应答：线上服务器自己就应该在上面。
-b 是它等待 tcpcopy 的地址，-d 让它进入后台。

  intercept -x <白名单> -b <自己的地址> -d`,
      },
      task: {
        en: 'Start intercept on test, with the online server on its passlist.',
        zh: '在 test 上启动 intercept，把线上服务器放进白名单。',
      },
      checks: [
        runs('intercept', /-x/),
        guarded({ en: 'somebody listens on the queue of the rule', zh: '规则的队列有人监听' }),
      ],
      hint: {
        en: 'Addresses, not names: {online} is the online server, {test} is test itself.',
        zh: '写地址，不写名字：{online} 是线上服务器，{test} 是 test 自己。',
      },
      answer: [{ on: 'test', run: INTERCEPT }],
      picture: printed('test', 'cat /proc/net/netfilter/nfnetlink_queue; ss -ltn sport = :36524'),
      after: {
        en: `The first line is the kernel's: the number of the queue, and the process that has bound it. The last is the control channel,
port 36524, where tcpcopy is awaited.`,
        zh: '第一行是内核说的：队列的编号和绑定它的进程。最后一行是控制通道，36524 端口，在那里等待 tcpcopy。',
      },
    },
    {
      name: 'tcpcopy',
      title: { en: 'tcpcopy copies', zh: 'tcpcopy 开始复制' },
      text: {
        en: `tcpcopy listens to what clients send to a port, and plays every connection again against the test server. -x says what is
copied where (<port here>-<test server>:<port there>), -s where intercept is; the online server's own address means "on
the test server".

  tcpcopy -x <port>-<test server>:<port> -s <online server> -d

It sends only while the guard was proven a moment ago: intercept sends packets of its own that only the rule can catch, and
tells tcpcopy that it caught them.`,
        zh: `tcpcopy 监听客户端发往某个端口的内容，并向测试服务器重演每一条连接。-x 说明把什么复制到哪里（<本机端口>-<测试服务器>:<端口>），
-s 说明 intercept 在哪里；写线上服务器自己的地址，意思是“在测试服务器上”。

  tcpcopy -x <端口>-<测试服务器>:<端口> -s <线上服务器> -d

只有在片刻之前防线得到过证明时它才发送：intercept 发出只有那条规则才能截住的包，截住了，就告诉 tcpcopy。`,
      },
      task: {
        en: 'Start tcpcopy on online, and see that it copies.',
        zh: '在 online 上启动 tcpcopy，并确认它在复制。',
      },
      checks: [runs('tcpcopy'), armed(true)],
      hint: {
        en: 'Port 80 here, {test}:8080 there. If it does not copy, its log says why: {exec} online -- tail /var/log/tcpcopy.log',
        zh: '这边是 80 端口，那边是 {test}:8080。如果它不复制，日志会说明原因：{exec} online -- tail /var/log/tcpcopy.log',
      },
      answer: [{ on: 'online', run: tcpcopyWith() }],
      picture: parts,
      after: {
        en: 'All parts are there, and the guard is proven. From now on every request is copied.',
        zh: '各个部分都在，防线得到了证明。从现在起每个请求都被复制。',
      },
    },
    {
      name: 'copied',
      title: { en: 'A request, twice', zh: '一个请求，两处到达' },
      text: {
        en: `A client notices nothing of the copy: it has one connection, to the online server. The test server believes that it talks with
the same client.`,
        zh: '客户端察觉不到复制：它只有一条连接，通向线上服务器。测试服务器则以为自己在和同一个客户端说话。',
      },
      task: {
        en: 'Send a request for /copied to the online server, and find it in the log of the test server.',
        zh: '向线上服务器发一个 /copied 请求，并在测试服务器的日志里找到它。',
      },
      checks: [logged('online', '/copied'), logged('test', '/copied')],
      hint: {
        en: 'Nothing is to be sent to test: just use the online server.',
        zh: '不用向 test 发任何东西：只管使用线上服务器。',
      },
      answer: [{ on: 'client', run: 'curl -s http://online/copied' }],
      picture: oneRequest,
      after: {
        en: `The upper half is the client's connection. What goes from online to test are the copy's segments: a whole conversation of
which only one half travels. Its other half came to the queue; intercept told tcpcopy of it, so that the virtual TCP client
could acknowledge it.`,
        zh: `上半部分是客户端的连接。从 online 到 test 的是复制的报文段：一场只有一半在路上的完整对话。另一半进了队列；intercept 把它告诉了 tcpcopy，
虚拟 TCP 客户端才能确认它。`,
      },
    },
    {
      name: 'many',
      title: { en: 'Many requests', zh: '许多请求' },
      text: {
        en: 'One request proves little. ab sends many, over several connections: ab -q -n <requests> -c <at a time> http://online/<path>',
        zh: '一个请求证明不了多少。ab 用几条连接发送许多请求：ab -q -n <请求数> -c <同时几个> http://online/<路径>',
      },
      task: {
        en: 'Send 200 requests for /many, and have all of them arrive at test.',
        zh: '发送 200 个 /many 请求，让它们全部到达 test。',
      },
      checks: [logged('online', '/many', 200), logged('test', '/many', 200)],
      hint: {
        en: 'ab runs on the client, five at a time for example.',
        zh: 'ab 在客户端上运行，例如每次五个。',
      },
      answer: [{ on: 'client', run: 'ab -q -n 200 -c 5 http://online/many >/dev/null' }],
      picture: parts,
      after: {
        en: `Counting is not proving: \`./bin/lab verify\` compares every request of a load byte for byte, and looks for leaks at four taps.
Try it now.`,
        zh: '数数不等于证明：`./bin/lab verify` 逐字节比较一批负载的每个请求，并在四个监听点寻找泄漏。现在就试试。',
      },
    },
  ],
};
