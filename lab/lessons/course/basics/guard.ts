/** The guard: how it is proven, what comes of it when it is taken away, and one that looks like a guard. */
import { armed, found, guarded, logged, says } from '../../classroom/checks';
import { oneRequest, parts, printed } from '../../classroom/picture';
import { RULE } from '../../lesson/commands';
import type { Lesson } from '../../lesson/lesson';

const AWAIT = `for turn in $(seq 100); do tail -n 1 /var/log/tcpcopy.log | grep -q '"guard armed again"\\|"copying"' && exit; sleep 0.1; done; exit 0`;

export const guard: Lesson = {
  name: 'guard',
  title: { en: 'The guard', zh: '防线' },
  teaches: {
    en: 'How the guard is proven, what happens when it is taken away, and why --queue-bypass is none.',
    zh: '防线怎样被证明，被拿走时会发生什么，以及为什么 --queue-bypass 不算防线。',
  },
  minutes: 10,
  topology: 'traditional',
  bare: false,
  steps: [
    {
      name: 'canaries',
      title: { en: 'Canaries', zh: '金丝雀' },
      text: {
        en: `Nobody can see from outside that a rule works. So intercept proves it: again and again it sends a packet from the copied port to
an address that nobody has (192.0.2.1). Only the rule can bring it back to intercept, by the queue. What it caught and what
it missed it counts; SIGUSR1 makes it write its counters into its log, /var/log/intercept.log.

  pkill -USR1 -x intercept`,
        zh: `从外面看不出一条规则是否有效，所以 intercept 去证明：它一次又一次从被复制的端口向一个谁也没有的地址（192.0.2.1）发包。
只有那条规则才能把这个包经由队列带回给 intercept。截住的、漏掉的，它都计数；SIGUSR1 让它把计数器写进日志 /var/log/intercept.log。

  pkill -USR1 -x intercept`,
      },
      task: {
        en: 'Have intercept write its counters into its log.',
        zh: '让 intercept 把计数器写进它的日志。',
      },
      checks: [
        says(
          {
            en: 'the log of intercept has canaries that were caught',
            zh: 'intercept 的日志里有截住的金丝雀',
          },
          'test',
          'grep -o \'"canaries_caught":[0-9]*\' /var/log/intercept.log | tail -n 1',
          /canaries_caught":[1-9]/,
        ),
      ],
      hint: {
        en: 'The command belongs on the node where intercept runs.',
        zh: '这条命令要在 intercept 所在的节点上运行。',
      },
      answer: [{ on: 'test', run: 'pkill -USR1 -x intercept' }],
      picture: printed('test', 'grep -o \'"canaries_[a-z]*":[0-9]*\' /var/log/intercept.log | tail -n 3'),
      after: {
        en: 'As many were sent as caught; none was missed. At rest one each second, while something is copied one every 30 ms.',
        zh: '发了多少就截住了多少，一个也没漏。空闲时每秒一个，复制时每 30 毫秒一个。',
      },
    },
    {
      name: 'removed',
      title: { en: 'The rule is gone', zh: '规则没了' },
      text: {
        en: `This is what must never happen: without the rule, nothing catches what the test server says to clients. Firewall tools that
rewrite all rules do exactly this.`,
        zh: '这是绝不能发生的事：没有规则，测试服务器对客户端说的话就没有人截住。重写全部规则的防火墙工具做的正是这件事。',
      },
      task: {
        en: 'Delete the rule on test, then send a request for /unguarded to the online server.',
        zh: '删除 test 上的规则，然后向线上服务器发一个 /unguarded 请求。',
      },
      checks: [
        found({ en: 'no rule catches the responses', zh: '没有规则截住响应' }, 'guard-rule-missing'),
        armed(false),
        logged('online', '/unguarded'),
        logged('test', '/unguarded', 0),
      ],
      hint: {
        en: 'iptables -D takes the same words as the -I with which the rule was made.',
        zh: 'iptables -D 后面的内容和当初建立规则时 -I 后面的一样。',
      },
      answer: [
        { on: 'test', run: `iptables -D ${RULE}` },
        { on: 'client', run: 'curl -s http://online/unguarded' },
      ],
      picture: oneRequest,
      after: {
        en: `A canary went astray, and that stopped the copy, long before your request. Nothing leaked, because nothing was sent. Only what
is under way when a rule goes can still be answered: \`./bin/lab run rule-removed\` counts that under load.`,
        zh: `一只金丝雀没有回来，复制因此停下，远在你的请求之前。没有泄漏，因为什么也没发。只有规则消失那一刻还在路上的才可能得到回答：
\`./bin/lab run rule-removed\` 在负载下统计这一点。`,
      },
    },
    {
      name: 'mended',
      title: { en: 'The rule is back', zh: '规则回来了' },
      text: {
        en: 'Nobody has to tell tcpcopy: the next canary does.',
        zh: '不用谁去告诉 tcpcopy：下一只金丝雀会告诉它。',
      },
      task: {
        en: 'Put the rule back, and see a request for /guarded arrive at test.',
        zh: '把规则放回去，并看到一个 /guarded 请求到达 test。',
      },
      checks: [
        guarded({
          en: 'every response goes to a queue that somebody listens to',
          zh: '每个响应都进入有人监听的队列',
        }),
        armed(true),
        logged('test', '/guarded'),
      ],
      hint: { en: 'If the request came too early, send another one.', zh: '如果请求发得太早，再发一个。' },
      answer: [
        { on: 'test', run: `iptables -I ${RULE}` },
        { on: 'online', run: `sleep 1.5; ${AWAIT}` },
        { on: 'client', run: 'curl -s http://online/guarded' },
      ],
      picture: oneRequest,
      after: { en: 'As before.', zh: '和从前一样。' },
    },
    {
      name: 'bypass',
      title: { en: 'A guard that is none', zh: '不是防线的防线' },
      text: {
        en: `With --queue-bypass the kernel lets packets through while nobody listens on the queue. As long as intercept runs, all looks
well, and even the canaries are caught. verify and the doctors read the rule itself.`,
        zh: `加上 --queue-bypass，队列没有人监听时内核就放行。只要 intercept 在运行，一切看起来都好，连金丝雀也会被截住。verify 和各个 doctor 读的是规则本身。`,
      },
      task: {
        en: 'Replace the rule by one with --queue-bypass behind it.',
        zh: '把规则换成后面带 --queue-bypass 的。',
      },
      checks: [found({ en: 'verify finds guard-bypass', zh: 'verify 发现 guard-bypass' }, 'guard-bypass')],
      hint: {
        en: 'Insert the new one first, then delete the old one: so there is no moment without a rule.',
        zh: '先插入新的，再删除旧的：这样就没有哪一刻是没有规则的。',
      },
      answer: [{ on: 'test', run: `iptables -I ${RULE} --queue-bypass && iptables -D ${RULE}` }],
      picture: parts,
      after: {
        en: 'Were intercept to crash now, responses to the copies that are under way would reach the clients.',
        zh: '如果 intercept 现在崩溃，正在路上的复制所得到的响应就会到达客户端。',
      },
    },
    {
      name: 'closed',
      title: { en: 'Closed again', zh: '重新关好' },
      text: { en: 'A guard fails closed, or it is none.', zh: '防线失效时必须是关着的，否则就不是防线。' },
      task: { en: 'Make it a sound guard again.', zh: '让它重新成为可靠的防线。' },
      checks: [
        guarded({ en: 'verify finds nothing about the guard', zh: 'verify 对防线没有任何意见' }),
        armed(true),
      ],
      hint: { en: 'The same two commands, the other way round.', zh: '同样的两条命令，反过来。' },
      answer: [{ on: 'test', run: `iptables -I ${RULE} && iptables -D ${RULE} --queue-bypass` }],
      picture: parts,
      after: { en: '`./bin/lab verify` would pass now.', zh: '现在 `./bin/lab verify` 会通过。' },
    },
  ],
};
