/** More load than the machine takes. */
import { armed, counts, logged, runs } from '../../classroom/checks';
import { oneRequest, printed } from '../../classroom/picture';
import { stop, tcpcopyWith } from '../../lesson/commands';
import type { Lesson } from '../../lesson/lesson';

/** tcpcopy gets a fifth of the time that it wants, as on a machine that is too small, on any machine. */
const throttledWhile =
  'p=$(pgrep -x tcpcopy); for turn in $(seq 100); do kill -STOP $p; sleep 0.04; kill -CONT $p; sleep 0.01; done';
const THROTTLE = `setsid sh -c '${throttledWhile}' >/dev/null 2>&1 </dev/null &`;
const LOAD = 'ab -q -r -n 20000 -c 20 http://online/much >/dev/null';
const AWAIT_COPYING = `for turn in $(seq 100); do tail -n 1 /var/log/tcpcopy.log | grep -q '"copying"' && exit; sleep 0.1; done; exit 1`;
const restartWith = (options: string): string =>
  `${stop('tcpcopy')}; ${tcpcopyWith(options)} && ${AWAIT_COPYING}`;

export const overload: Lesson = {
  name: 'overload',
  title: { en: 'More load than the machine takes', zh: '超出机器承受的负载' },
  teaches: {
    en: 'Who gives way when clients bring more than can be copied, how it shows, and what helps.',
    zh: '客户端带来的超过能复制的时，谁让路，怎样看出来，什么有帮助。',
  },
  minutes: 10,
  topology: 'traditional',
  bare: false,
  steps: [
    {
      name: 'left-out',
      title: { en: 'Whole connections are left out', zh: '整条连接被舍去' },
      text: {
        en: `When all cores are busy, packets wait for tcpcopy in a queue of the kernel (-B). When that fills, whole connections are left out, as few
as are needed: one that is copied is copied exactly. It is counted (connections_left_out), and the log says so.

A machine that is too small is played here by a tcpcopy that may run for 10 of 50 ms, for some seconds:

  {exec} online -- sh -c "${throttledWhile.replaceAll('$', '\\$')}"`,
        zh: `所有核心都忙时，数据包在内核的队列里（-B）等 tcpcopy。队列满起来时，就舍去整条的连接，需要多少舍多少：只要复制，就复制得分毫不差。
它有计数（connections_left_out），日志也会说明。

这里用一个每 50 毫秒只许运行 10 毫秒的 tcpcopy 来扮演一台太小的机器，持续几秒：

  {exec} online -- sh -c "${throttledWhile.replaceAll('$', '\\$')}"`,
      },
      task: {
        en: 'Restart tcpcopy with a queue of 32 MB (-B 32). While it is throttled, send 20,000 requests, 20 at a time (ab -q -r -n 20000 -c 20).',
        zh: '用 32 MB 的队列（-B 32）重启 tcpcopy。在它受限期间，发送 20,000 个请求，每次 20 个（ab -q -r -n 20000 -c 20）。',
      },
      checks: [
        runs('tcpcopy', /-B ?32\b/),
        counts(
          { en: 'connections were left out', zh: '有连接被舍去' },
          { node: 'online', program: 'tcpcopy', counter: 'connections_left_out', least: 1 },
        ),
      ],
      hint: {
        en: 'Both at the same time: the throttling in a second terminal, or with & behind it.',
        zh: '两件事同时做：在第二个终端里限速，或者在命令后面加 &。',
      },
      answer: [
        { on: 'online', run: restartWith('-B 32') },
        { on: 'online', run: THROTTLE },
        { on: 'client', run: LOAD },
      ],
      picture: printed(
        'online',
        "grep -E 'overloaded|copying all' /var/log/tcpcopy.log | tail -n 2 | cut -c1-240; tail -n 1 /var/log/nginx/access.log",
      ),
      after: {
        en: 'The online server has answered all 20,000: it is the copy that gives way.',
        zh: '线上服务器回答了全部 20,000 个：让路的是复制。',
      },
    },
    {
      name: 'lost',
      title: { en: 'What was done before', zh: '以前的做法' },
      text: {
        en: `--overload wait leaves nothing out. What finds no room in the queue is lost then, in the middle of connections, and nobody knows whose
packets they were (capture_kernel_dropped).`,
        zh: '--overload wait 什么也不舍去。队列里没有位置的包就丢了，丢在连接中间，谁也不知道那是谁的包（capture_kernel_dropped）。',
      },
      task: { en: 'The same again with -B 1 --overload wait.', zh: '用 -B 1 --overload wait 再来一次。' },
      checks: [
        runs('tcpcopy', /--overload[ =]wait/),
        counts(
          { en: 'the kernel has dropped packets', zh: '内核丢了包' },
          { node: 'online', program: 'tcpcopy', counter: 'capture_kernel_dropped', least: 1 },
        ),
      ],
      hint: { en: 'Wait until the throttling of the last step has ended.', zh: '等上一步的限速结束。' },
      answer: [
        { on: 'online', run: restartWith('-B 1 --overload wait') },
        { on: 'online', run: THROTTLE },
        { on: 'client', run: LOAD },
        {
          on: 'online',
          run: 'while pgrep -f "[s]eq 100" >/dev/null; do sleep 0.1; done; pkill -CONT -x tcpcopy',
        },
      ],
      picture: printed('online', 'grep -o \'"capture_[a-z_]*":[0-9]*\' /var/log/tcpcopy.log | tail -n 4'),
      after: {
        en: 'capture_kernel_dropped above 0: connections have holes, and are given up (capture-hole).',
        zh: 'capture_kernel_dropped 大于 0：连接有了缺口，只好放弃（capture-hole）。',
      },
    },
    {
      name: 'enough',
      title: { en: 'What helps', zh: '什么有帮助' },
      text: {
        en: `Another core; a machine with less to do; a smaller -r, so that what is copied is known beforehand; a smaller --nice, at the expense of
the online server.`,
        zh: '多一个核心；一台不那么忙的机器；更小的 -r，这样事先就知道复制什么；更小的 --nice，代价由线上服务器承担。',
      },
      task: {
        en: 'Restart tcpcopy with its default settings, and see 20 requests for /calm arrive at test.',
        zh: '用默认设置重启 tcpcopy，并看到 20 个 /calm 请求到达 test。',
      },
      checks: [runs('tcpcopy', /^(?!.*overload)(?!.* -B)/), armed(true), logged('test', '/calm', 20)],
      hint: { en: 'The command line of lesson 2.', zh: '第 2 课的命令行。' },
      answer: [
        { on: 'online', run: restartWith('') },
        { on: 'client', run: 'ab -q -n 20 http://online/calm >/dev/null' },
      ],
      picture: oneRequest,
      after: { en: 'A load that fits is copied whole.', zh: '承受得起的负载会完整复制。' },
    },
  ],
};
