/** What users of the original ran into: five causes, each found with the doctor. */
import { armed, diagnosed } from '../../classroom/checks';
import { parts } from '../../classroom/picture';
import { faults } from '../../faults/all';
import type { Words } from '../../words/language';
import type { Lesson, Step } from '../../lesson/lesson';

/** A fault of the exam's catalogue, broken by the lesson and mended by the learner. */
function caseOf(name: string, title: Words, text: Words): Step {
  const { breaks, mends, because } = faults.find((one) => one.name === name)!;
  return {
    name,
    title,
    prepares: breaks,
    text,
    task: {
      en: 'Find the cause with the doctor, and mend it.',
      zh: '用 doctor 找出原因，并修好。',
    },
    checks: [
      diagnosed({ en: 'the doctors find nothing wrong', zh: '各个 doctor 都没有发现问题' }),
      armed(true),
    ],
    hint: {
      en: 'Ask the doctors of this lab ({doctor}). What is WRONG stands first, the cause before what follows from it, and its mend behind it.',
      zh: '去问这个实验环境的 doctor（{doctor}）。WRONG 排在最前面，原因在它引起的后果之前，后面写着解决办法。',
    },
    answer: mends,
    picture: parts,
    after: because,
  };
}

export const doctor: Lesson = {
  name: 'doctor',
  title: { en: 'What others ran into', zh: '别人踩过的坑' },
  teaches: {
    en: 'Five causes that users of the original had to find by checklists, found with the doctor.',
    zh: '原版用户要靠清单逐条排查的五种原因，用 doctor 找到它们。',
  },
  minutes: 15,
  topology: 'traditional',
  bare: false,
  steps: [
    caseOf(
      'reverse-path',
      { en: 'Only SYNs reach the test server', zh: '只有 SYN 到达测试服务器' },
      {
        en: `The most frequent question of all: tcpdump shows SYNs at the test server's device, again and again, and the application sees nothing.
Something between the device and the application takes them away. The firewall is the first suspect, and it is not the only one.

The lesson has broken the lab that way. Send requests, look at both logs, and ask the doctor.`,
        zh: `最常见的问题：tcpdump 显示 SYN 一次又一次到达测试服务器的网卡，应用却什么也看不见。在网卡和应用之间有什么东西拿走了它们。
防火墙是头号嫌疑，但不是唯一的。

这一课已经这样弄坏了实验环境。发些请求，看看两边的日志，再问问 doctor。`,
      },
    ),
    caseOf(
      'rule-shadowed',
      { en: 'The rule is there, and does nothing', zh: '规则在，却不起作用' },
      {
        en: `Rules are asked in their order; the first one that fits decides. A guard that does not stand first guards what the rules before it have
left over.`,
        zh: '规则按顺序询问，第一条匹配的说了算。不排在第一的防线，只能守住前面的规则剩下的东西。',
      },
    ),
    caseOf(
      'control-dropped',
      { en: 'tcpcopy waits for ever', zh: 'tcpcopy 一直在等' },
      {
        en: `Between the programs there is one TCP connection, to port 36524 of the machine where intercept runs. What drops it in silence looks
like a machine that is switched off.`,
        zh: '两个程序之间有一条 TCP 连接，通往 intercept 所在机器的 36524 端口。默默丢弃它的东西，看起来就像一台关掉的机器。',
      },
    ),
    caseOf(
      'cut',
      { en: 'Small requests arrive, large ones do not', zh: '小请求到了，大请求没到' },
      {
        en: `Network cards and kernels merge segments before a capture sees them (GRO): a packet that is seen may be far longer than the MTU. Whoever
captures too few bytes of each (-S) loses exactly the large ones.`,
        zh: '网卡和内核会在抓包看到之前把报文段合并（GRO）：看到的包可能远比 MTU 长。每个包抓得太少（-S），丢的正是那些大的。',
      },
    ),
    caseOf(
      'no-route-back',
      { en: 'Nothing comes back', zh: '什么也没回来' },
      {
        en: `The test server must have a way to the clients, although nothing ever travels it: without one its kernel makes no response at all, and
the guard has nothing to catch. Test servers in networks without a default route are like that.`,
        zh: `测试服务器必须有去客户端的路，虽然从来没有东西真的走上去：没有路，内核根本不会产生响应，防线也就无物可截。
处在没有默认路由的网络里的测试服务器就是这样。`,
      },
    ),
  ],
};
