/** Faults in servers and programs that stand still, or are gone. */
import type { Fault } from './fault';
import { shell } from './lines';

const of = (fault: Omit<Fault, 'kind' | 'topology'>): Fault => ({
  kind: 'server',
  topology: 'traditional',
  ...fault,
});

const NGINX_STOPPED = 'pkill -TERM -x nginx; while pgrep -x nginx >/dev/null; do sleep 0.1; done';

export const serverFaults: readonly Fault[] = [
  of({
    name: 'application-stopped',
    complaint: {
      en: 'tcpcopy counts refused connections, by the hundred.',
      zh: 'tcpcopy 统计到成百上千被拒绝的连接。',
    },
    ...shell('test', NGINX_STOPPED, 'serve-nginx 8080'),
    because: { en: 'The application of the test server was not running.', zh: '测试服务器的应用没有运行。' },
  }),
  of({
    name: 'application-elsewhere',
    complaint: {
      en: 'The application of the test server was upgraded. It runs, and answers when one asks it there.',
      zh: '测试服务器的应用升级了。它在运行，在本机问它也会应答。',
    },
    ...shell('test', `${NGINX_STOPPED}; serve-nginx 8081`, `${NGINX_STOPPED}; serve-nginx 8080`),
    because: { en: 'It listened on port 8081 since.', zh: '从那以后它监听的是 8081 端口。' },
  }),
  of({
    name: 'application-stuck',
    complaint: {
      en: 'The port of the test server is open, connections are established, and then time stands still.',
      zh: '测试服务器的端口是开的，连接也建立了，然后时间就静止了。',
    },
    ...shell('test', 'pkill -STOP -x nginx', 'pkill -CONT -x nginx'),
    because: {
      en: 'nginx was stopped (SIGSTOP): its kernel goes on accepting connections for a while.',
      zh: 'nginx 被暂停了（SIGSTOP）：内核还会替它接受一阵子连接。',
    },
  }),
  of({
    name: 'tcpcopy-gone',
    complaint: {
      en: 'Nothing is copied. Nobody has touched anything.',
      zh: '什么也没复制。谁也没动过什么。',
    },
    ...shell('online', 'pkill -KILL -x tcpcopy', 'tcpcopy -x 80-{test}:8080 -s {online} -d'),
    because: { en: 'tcpcopy had been killed.', zh: 'tcpcopy 被杀死了。' },
  }),
  of({
    name: 'tcpcopy-stuck',
    complaint: {
      en: 'tcpcopy is running, its options are right, and its log has not grown for an hour.',
      zh: 'tcpcopy 在运行，选项也没错，日志却一个小时没有增长。',
    },
    ...shell('online', 'pkill -STOP -x tcpcopy', 'pkill -CONT -x tcpcopy'),
    because: { en: 'tcpcopy was stopped (SIGSTOP).', zh: 'tcpcopy 被暂停了（SIGSTOP）。' },
  }),
  of({
    name: 'intercept-stuck',
    complaint: {
      en: 'intercept runs and is bound to its queue. Even the online server gets no answer any more.',
      zh: 'intercept 在运行，也绑定着队列。可是连线上服务器也得不到应答。',
    },
    ...shell('test', 'pkill -STOP -x intercept', 'pkill -CONT -x intercept'),
    because: { en: 'intercept was stopped (SIGSTOP).', zh: 'intercept 被暂停了（SIGSTOP）。' },
  }),
  of({
    name: 'intercept-gone',
    complaint: {
      en: 'The test server is completely deaf since the last log rotation.',
      zh: '自从上次日志轮转，测试服务器就完全聋了。',
    },
    ...shell('test', 'pkill -KILL -x intercept', 'intercept -x {online} -b {test} -d'),
    because: {
      en: 'intercept had been killed, and the kernel drops what comes to a queue without a listener.',
      zh: 'intercept 被杀死了；没有人监听的队列，内核会丢弃来到那里的一切。',
    },
  }),
];
