/** What the fields of the headers mean, where that is written, and why a copy has another value. */

export interface FieldWords {
  readonly label: string;
  readonly meaning: string;
  /** Where it is written. */
  readonly source: string;
  /** Why tcpcopy rewrites it. */
  readonly why?: string;
}

type Language = 'en' | 'zh';
type Both = Readonly<Record<Language, readonly [label: string, meaning: string, why?: string]>>;

const IP = 'RFC 791, 3.1';
const IPV6 = 'RFC 8200';
const TCP = 'RFC 9293, 3.1';
const OWN = {
  en: 'The virtual TCP client writes packets of its own; this field tells the test server nothing about the client.',
  zh: '虚拟 TCP 客户端自己写数据包；这个字段不向测试服务器透露客户端的任何信息。',
};

const WORDS: Readonly<Record<string, Both & { source: string }>> = {
  'ip.version': {
    source: IP,
    en: ['version', 'The version of the Internet Protocol: 4, or 6.'],
    zh: ['版本', '网际协议的版本：4 或 6。'],
  },
  'ip.traffic-class': {
    source: IPV6,
    en: ['traffic class', 'Which packets routers are to favour, and whether there is congestion.', OWN.en],
    zh: ['流量类别', '哪些数据包应当优先，以及有没有拥塞。', OWN.zh],
  },
  'ip.flow-label': {
    source: 'RFC 6437',
    en: ['flow label', 'The same in all packets that should take the same way.', OWN.en],
    zh: ['流标签', '应当走同一条路的数据包有相同的值。', OWN.zh],
  },
  'ip.payload-length': {
    source: IPV6,
    en: ['payload length', 'Of all that is behind this header, extension headers included.'],
    zh: ['载荷长度', '这个首部之后的全部长度，包括扩展首部。'],
  },
  'ip.next-header': {
    source: IPV6,
    en: ['next header', 'What is behind this header: 6 is TCP.'],
    zh: ['下一个首部', '这个首部之后是什么：6 是 TCP。'],
  },
  'ip.hop-limit': {
    source: IPV6,
    en: ['hop limit', 'How many routers may still let it on.', OWN.en],
    zh: ['跳数限制', '还可以经过多少个路由器。', OWN.zh],
  },
  'ip.header-length': {
    source: IP,
    en: ['IP header length', 'How long this header is, options included.'],
    zh: ['IP 首部长度', '这个首部有多长，包括选项。'],
  },
  'ip.total-length': {
    source: IP,
    en: [
      'total length',
      'Of the whole packet, header and payload.',
      'Options that the copy leaves out make it shorter.',
    ],
    zh: ['总长度', '整个数据包的长度，首部加载荷。', '复制省去了一些选项，所以更短。'],
  },
  'ip.identification': {
    source: 'RFC 6864',
    en: ['identification', 'Tells which fragments belong together.', OWN.en],
    zh: ['标识', '说明哪些分片属于同一个数据包。', OWN.zh],
  },
  'ip.fragment': {
    source: IP,
    en: ['flags and fragment', '0x4000: do not cut this packet into fragments.', OWN.en],
    zh: ['标志与分片', '0x4000：不要把这个数据包分片。', OWN.zh],
  },
  'ip.ttl': {
    source: IP,
    en: ['time to live', 'How many routers may still let it on.', OWN.en],
    zh: ['生存时间', '还可以经过多少个路由器。', OWN.zh],
  },
  'ip.protocol': {
    source: IP,
    en: ['protocol', 'What the payload is: 6 is TCP.'],
    zh: ['协议', '载荷是什么：6 是 TCP。'],
  },
  'ip.checksum': {
    source: 'RFC 1071',
    en: ['IP checksum', 'Over this header.', 'Other fields were rewritten, so it is computed anew.'],
    zh: ['IP 校验和', '对这个首部计算。', '其他字段改写了，所以重新计算。'],
  },
  'ip.source': {
    source: IP,
    en: [
      'source address',
      'Who sends it. The copy has the client’s own, so that the test server sees the same client; this is why its responses would reach the client, if there were no guard.',
      'The test server speaks for itself here; or another address was chosen for the copy (-c).',
    ],
    zh: [
      '源地址',
      '谁发送。复制用客户端自己的地址，测试服务器看到的是同一个客户端；所以如果没有防线，它的响应就会到达客户端。',
      '这里是测试服务器自己在说话；或者为复制另选了地址（-c）。',
    ],
  },
  'ip.destination': {
    source: IP,
    en: ['destination address', 'Who it is for.', 'The copy is addressed to the test server.'],
    zh: ['目的地址', '发给谁。', '复制发往测试服务器。'],
  },
  'tcp.source-port': {
    source: TCP,
    en: [
      'source port',
      'Which connection of the sender it belongs to.',
      'The test server listens on another port.',
    ],
    zh: ['源端口', '属于发送方的哪个连接。', '测试服务器监听另一个端口。'],
  },
  'tcp.destination-port': {
    source: TCP,
    en: [
      'destination port',
      'Which connection of the receiver it belongs to.',
      'The test server listens on another port.',
    ],
    zh: ['目的端口', '属于接收方的哪个连接。', '测试服务器监听另一个端口。'],
  },
  'tcp.sequence': {
    source: 'RFC 9293, 3.4',
    en: [
      'sequence number',
      'The place of the first byte in the sender’s stream, counted from a number that each side chooses.',
      'Each server chooses its own first number; of a copy that began in the middle, or on a new connection, so does the virtual TCP client.',
    ],
    zh: [
      '序号',
      '第一个字节在发送方的流中的位置，从各自选定的数开始。',
      '每个服务器自选起始序号；从中途开始的复制，或新连接上的复制，其虚拟 TCP 客户端也自选。',
    ],
  },
  'tcp.acknowledgment': {
    source: 'RFC 9293, 3.4',
    en: [
      'acknowledgment number',
      'The next byte that the sender expects to hear.',
      'The test server’s stream begins at another number, and may be longer or shorter than the online server’s.',
    ],
    zh: [
      '确认号',
      '发送方期待的下一个字节。',
      '测试服务器的流从另一个序号开始，也可能比线上服务器的更长或更短。',
    ],
  },
  'tcp.header-length': {
    source: TCP,
    en: [
      'TCP header length',
      'Options included.',
      'The copy leaves out options that the virtual TCP client does not use.',
    ],
    zh: ['TCP 首部长度', '包括选项。', '复制省去了虚拟 TCP 客户端不用的选项。'],
  },
  'tcp.flags': {
    source: TCP,
    en: [
      'flags',
      'S: SYN, opens. F: FIN, nothing more will be said. R: RST, ends at once. P: PSH, hand it on now. “.”: ACK, the acknowledgment number counts.',
      'How words are packed into segments is the sender’s own affair.',
    ],
    zh: [
      '标志',
      'S：SYN，打开。F：FIN，不再说话。R：RST，立即结束。P：PSH，现在就交上去。“.”：ACK，确认号有效。',
      '内容如何分成报文段，由发送方自己决定。',
    ],
  },
  'tcp.window': {
    source: 'RFC 9293, 3.8.6',
    en: [
      'window',
      'How much more the sender is ready to receive.',
      'Nobody reads what the test server says, so the virtual TCP client can always take as much as possible.',
    ],
    zh: ['窗口', '发送方还准备接收多少。', '没有人读取测试服务器说的内容，所以虚拟 TCP 客户端总能接收最多。'],
  },
  'tcp.checksum': {
    source: TCP,
    en: [
      'TCP checksum',
      'Over addresses, header and payload. In a capture it may be unfinished: the device would finish it (offload).',
      'Other fields were rewritten, so it is computed anew.',
    ],
    zh: [
      'TCP 校验和',
      '对地址、首部和载荷计算。在捕获中可能还没算完：由网卡完成（卸载）。',
      '其他字段改写了，所以重新计算。',
    ],
  },
  'tcp.urgent': {
    source: TCP,
    en: ['urgent pointer', 'Counts with URG only.'],
    zh: ['紧急指针', '只在有 URG 时有效。'],
  },
  'tcp.option.2': {
    source: 'RFC 9293, 3.7.1',
    en: ['maximum segment size', 'The most payload that the sender takes in one segment.', OWN.en],
    zh: ['最大报文段长度', '发送方在一个报文段里最多接受多少载荷。', OWN.zh],
  },
  'tcp.option.3': {
    source: 'RFC 7323, 2',
    en: ['window scale', 'By how much windows are to be multiplied.', OWN.en],
    zh: ['窗口缩放', '窗口要乘以多少。', OWN.zh],
  },
  'tcp.option.4': {
    source: 'RFC 2018',
    en: [
      'selective acknowledgment permitted',
      'The sender understands acknowledgments of single ranges.',
      'The virtual TCP client does not use them, so it does not offer them.',
    ],
    zh: ['允许选择确认', '发送方懂得对单个区间的确认。', '虚拟 TCP 客户端不用它，所以不提供。'],
  },
  'tcp.option.5': {
    source: 'RFC 2018',
    en: [
      'selective acknowledgment',
      'Ranges that came, behind a hole.',
      'The virtual TCP client does not use it.',
    ],
    zh: ['选择确认', '空洞后面已到达的区间。', '虚拟 TCP 客户端不用它。'],
  },
  'tcp.option.8': {
    source: 'RFC 7323, 3',
    en: [
      'timestamps',
      'The sender’s clock, and the last one it heard; for measuring, and against old duplicates.',
      'They would belong to the client’s clock; the virtual TCP client does not offer them.',
    ],
    zh: [
      '时间戳',
      '发送方的时钟，和它最后听到的时钟；用于测量，也防止旧的重复。',
      '它们属于客户端的时钟；虚拟 TCP 客户端不提供。',
    ],
  },
  payload: {
    source: TCP,
    en: [
      'payload',
      'What is said. Of a request it is the same in both worlds, byte for byte.',
      'How words are packed into segments, and what a server answers, may differ.',
    ],
    zh: ['载荷', '所说的内容。请求的载荷在两边逐字节相同。', '内容如何分段，服务器如何应答，可以不同。'],
  },
};

/** Of any field, also of options that have no words of their own. */
export function fieldWords(name: string, language: Language): FieldWords {
  const found = WORDS[name];
  if (!found) {
    const number = name.replace(/^tcp\.option\./, '');
    const label = language === 'zh' ? `TCP 选项 ${number}` : `TCP option ${number}`;
    return { label, meaning: '', source: 'IANA, TCP Option Kind Numbers', why: OWN[language] };
  }
  const [label, meaning, why] = found[language];
  return { label, meaning, source: found.source, ...(why !== undefined && { why }) };
}
