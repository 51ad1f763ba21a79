/**
 * Something on the way that alters requests: a queue on the online server's way out, whose listener swaps two 16-bit
 * words in the bodies of one connection's POSTs. Their sum stays the same, and so do the checksums.
 */
import type { RunningLab } from '../../lab/library';
import { shell } from '../stage/verify-support';

const QUEUE = 7;
/** What the kernel may keep for a listener that a busy machine lets wait; what does not fit is lost. */
const BUFFER_BYTES = 16 * 1024 * 1024;

const program = (connection: number): string => `
import { createRequire } from 'node:module';
const { createQueueHandler } = createRequire('/opt/tcpcopy-lab/programs/')('nfqueue');
const ACCEPT = 1;
createQueueHandler(${QUEUE}, ${BUFFER_BYTES}, (packet) => {
  const { payload } = packet;
  const text = payload.toString('latin1');
  // Several requests may share a packet: the words must lie in the body of the POST, and nowhere else.
  const posts = /POST \\/lab\\/[a-z0-9]{8}\\/${connection}-/.exec(text);
  const head = posts ? text.slice(posts.index).split('\\r\\n\\r\\n', 1)[0] : '';
  const body = posts ? posts.index + head.length + 4 : 0;
  const length = Number(/\\ncontent-length: *(\\d+)/i.exec(head)?.[1] ?? 0);
  const first = body + (body % 2);
  if (!posts || first + 4 > Math.min(body + length, payload.length)) return packet.setVerdict(ACCEPT);
  const word = payload.readUInt16BE(first);
  payload.writeUInt16BE(payload.readUInt16BE(first + 2), first);
  payload.writeUInt16BE(word, first + 2);
  packet.setVerdict(ACCEPT, 0, payload);
});
setInterval(() => undefined, 1000);
`;

export async function alterPosts(lab: RunningLab, connection: number): Promise<void> {
  const online = lab.node('online');
  await online.writeFile('/tmp/alter.mjs', program(connection));
  await online.start(['/opt/tcpcopy-lab/bin/node', '/tmp/alter.mjs']);
  await shell(
    online,
    `for turn in $(seq 300); do grep -q '^ *${QUEUE} ' /proc/net/netfilter/nfnetlink_queue && break; sleep 0.1; done &&
     iptables -t mangle -A POSTROUTING -p tcp --dport 8080 -j NFQUEUE --queue-num ${QUEUE}`,
  );
}
