/** What scenarios are about, in the languages that the catalogue itself does not speak. */
import type { Language } from './language';

export interface ScenarioWords {
  readonly title: string;
  readonly teaches: string;
}

/** Undefined where the catalogue's own words are meant. */
export function scenarioWords(name: string, language: Language): ScenarioWords | undefined {
  return language === 'en' ? undefined : (zh[name] ?? orderWords(name));
}

const PARTS: Readonly<Record<string, string>> = { rule: '规则', route: '路由' };
const ORDER = /^(start|stop)-(guarded-)?(?:data-link-)?((?:(?:rule|route|intercept|tcpcopy)-?){2,3})$/;

/** All orders of starting and stopping are told in the same way. */
function orderWords(name: string): ScenarioWords | undefined {
  const [, does, guarded, order] = ORDER.exec(name) ?? [];
  if (does === undefined || order === undefined) return undefined;
  const parts = order.split('-');
  const words = parts.map((part) => PARTS[part] ?? part).join('、');
  const by = guarded ? '；规则由 intercept 自己放置' : '';
  if (does === 'start')
    return {
      title: `按 ${words} 的顺序启动复制${by}`,
      teaches: '无论按什么顺序启动，都没有一帧泄漏：tcpcopy 等到防线得到验证，然后自行开始。',
    };
  const guardFirst = parts[0] === 'rule' || parts[0] === 'route';
  return {
    title: `按 ${words} 的顺序停止复制${by}`,
    teaches: guardFirst
      ? '复制时拿走防线，复制随即停止；在途的响应由它后面的网截住。'
      : '先停的一方使复制停止：没有人截住的内容就不会发送，也不会留下连接。',
  };
}

const zh: Readonly<Record<string, ScenarioWords>> = {
  'kill-tcpcopy': {
    title: '复制时 tcpcopy 被杀死（-9），然后重新启动',
    teaches: '已死的 tcpcopy 在测试服务器上留下的连接会被埋葬，以后不会再应答任何人。',
  },
  'kill-intercept': {
    title: '复制时 intercept 被杀死（-9），然后重新启动',
    teaches: '没有 intercept 时防线丢弃一切；新的 intercept 接管 tcpcopy 已打开的连接。',
  },
  'data-link-kill-tcpcopy': {
    title: '复制时 tcpcopy 被杀死（-9），然后重新启动',
    teaches: '已死的 tcpcopy 在测试服务器上留下的连接会被埋葬，以后不会再应答任何人。',
  },
  'data-link-kill-intercept': {
    title: '复制时 intercept 被杀死（-9），然后重新启动',
    teaches: '没有 intercept 时防线丢弃一切；新的 intercept 接管 tcpcopy 已打开的连接。',
  },
  'kill-tcpcopy-and-take-down': {
    title: 'tcpcopy 被杀死（-9），接着停止 intercept，再删除规则',
    teaches: '比 tcpcopy 活得更久的连接会把应答再次发给真实客户端：所以先把它们结束掉。',
  },
  'pause-tcpcopy': {
    title: 'tcpcopy 停住（SIGSTOP）3 秒，再继续（SIGCONT）',
    teaches: '醒来的 tcpcopy 知道自己的验证已经过时，发送之前会再问一次。',
  },
  'pause-intercept': {
    title: 'intercept 停住（SIGSTOP）3 秒，再继续（SIGCONT）',
    teaches: 'intercept 沉默和它不在一样，都会使复制停止；到来的响应留在队列里。',
  },
  'control-cut': {
    title: '控制通道 3 秒内什么也过不去',
    teaches: '没有防线得到验证的消息就什么也不发送；消息一来，无需人工就会继续。',
  },
  'data-link-control-cut': {
    title: '通往辅助服务器的控制通道 3 秒内什么也过不去',
    teaches: '辅助服务器无法告诉 tcpcopy 防线仍然有效，于是什么也不发送。',
  },
  'control-slow': {
    title: '控制通道的数据包在 4 秒内每五个丢失一个',
    teaches: '缓慢的通道使复制一再暂停；没有任何内容悄悄丢失，也没有泄漏。',
  },
  'control-flooded': {
    title: '同时有 150 个连接对控制端口胡言乱语',
    teaches: '不打招呼的连接会被丢弃，也不会拖住任何人。',
  },
  'loss-1': {
    title: '发往测试服务器的数据包在 4 秒内丢失 1 %',
    teaches: '虚拟 TCP 客户端会重传丢失的内容：每个请求都到达，而且只到达一次。',
  },
  'loss-5': {
    title: '发往测试服务器的数据包在 4 秒内丢失 5 %',
    teaches: '虚拟 TCP 客户端会重传丢失的内容：每个请求都到达，而且只到达一次。',
  },
  'rule-removed': {
    title: '复制时删除规则，1.5 秒后放回',
    teaches: '在途的响应会漏出去；下一个验证包没有被截住，此后什么也不再发送，直到又截住一个。',
  },
  'rule-wrong-port': {
    title: '规则写成了线上服务器的端口，直到改正为止',
    teaches: '规则需要的是测试服务器的端口：在改正之前什么也不发送。',
  },
  'queue-bypass': {
    title: '规则带有 --queue-bypass，而 intercept 被杀死（-9）',
    teaches: '带 --queue-bypass 时，没有人监听的队列会放走一切：这里只是在途的那些。',
  },
  'assistant-forwards': {
    title: '复制时辅助服务器开始转发，之后又停止',
    teaches: '会转发的辅助服务器把响应转给客户端；intercept 也照看着这一点。',
  },
  'route-missing': {
    title: '忘了通往辅助服务器的路由，后来才加上',
    teaches: '没有路由，intercept 什么也听不到；它后面的黑洞使客户端什么也收不到。',
  },
  'route-removed': {
    title: '复制时通往辅助服务器的路由消失，1.5 秒后恢复',
    teaches: '路由不再引开的响应由黑洞截住。',
  },
  'rp-filter-on': {
    title: '测试服务器开启严格的 rp_filter，而它通往客户端的路在另一块网卡上',
    teaches: '开启 rp_filter 后，内核会丢弃它不会从那条路回应的客户端数据包：什么也到不了。',
  },
  'test-down': {
    title: '测试服务器上的服务结束，2 秒后启动',
    teaches: '关闭的端口拒绝复制：它们被计数，并在下一个请求时重新开始。',
  },
  'test-restarted': {
    title: '测试服务器上的服务被杀死（-9），随即启动',
    teaches: '内核会重置已死服务的连接：防线像截住任何响应一样截住这些重置。',
  },
  'test-slow': {
    title: '测试服务器上的服务停住 3 秒',
    teaches: '复制会等待缓慢的测试服务器，而线上服务器的客户端毫无察觉。',
  },
  'test-not-found': {
    title: '测试服务器 5 秒内不应答 ARP',
    teaches: '线上服务器无法送达复制，也不能向客户端抱怨，尽管复制带着它们的地址。',
  },
  'disk-full': {
    title: '两个程序写日志的磁盘满了 3 秒',
    teaches: '写不下的日志行会被计数并在之后说明；没有它，复制照样继续。',
  },
  'cloud-own-program': {
    title: '在丢弃外来源地址的网络里，复制用线上服务器自己的地址发出，旁边有它自己的程序',
    teaches: '复制有自己的端口：线上服务器的程序对测试服务器说的话，一直都有应答。',
  },
  'cloud-nat': {
    title: '同上，而所有客户端都在一个地址后面，端口几秒之内就再次使用',
    teaches: '客户端的端口可以马上再用：它的复制依次使用范围内的端口。',
  },
};
