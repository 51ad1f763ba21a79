/**
 * Something on the way that alters requests: a queue on the online server's way out, whose listener swaps two 16-bit
 * words in the bodies of one connection's POSTs. Their sum stays the same, and so do the checksums.
 */
import type { RunningLab } from '../lab/engine/nodes/lab';
import { shell } from './verify-support';

const QUEUE = 7;

const program = (connection: number): string => `
import { createRequire } from 'node:module';
const { createQueueHandler } = createRequire('/opt/tcpcopy-lab/programs/')('nfqueue');
const ACCEPT = 1;
createQueueHandler(${QUEUE}, 65535, (packet) => {
  const { payload } = packet;
  const body = payload.indexOf('\\r\\n\\r\\n') + 4;
  const posts = /POST \\/lab\\/[a-z0-9]{8}\\/${connection}-/.test(payload.toString('latin1', 0, 200));
  const first = body + (body % 2);
  if (!posts || body < 4 || first + 4 > payload.length) return packet.setVerdict(ACCEPT);
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
    `for turn in $(seq 50); do grep -q '^ *${QUEUE} ' /proc/net/netfilter/nfnetlink_queue && break; sleep 0.1; done &&
     iptables -t mangle -A POSTROUTING -p tcp --dport 8080 -j NFQUEUE --queue-num ${QUEUE}`,
  );
}
