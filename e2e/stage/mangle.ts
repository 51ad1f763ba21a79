/**
 * Something on the way that changes what a copy says: a queue on the online server's way out, whose listener alters, drops
 * or doubles the payload of segments that hold a certain text.
 */
import type { RunningLab } from '../../lab/library';
import { shell } from './verify-support';

export type Mangling = 'alter' | 'drop' | 'double';

const QUEUE = 7;
const BUFFER_BYTES = 16 * 1024 * 1024;

const program = (what: Readonly<Record<Mangling, string>>): string => `
import { createRequire } from 'node:module';
const { createQueueHandler } = createRequire('/opt/tcpcopy-lab/programs/')('nfqueue');
const [DROP, ACCEPT] = [0, 1];
/** Of 16-bit words (RFC 1071), begun with a sum. */
function checksum(bytes, sum) {
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at] << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
const texts = Object.entries(${JSON.stringify(what)});
createQueueHandler(${QUEUE}, ${BUFFER_BYTES}, (packet) => {
  const { payload } = packet;
  const ip = (payload[0] & 15) * 4;
  const data = ip + (payload[ip + 12] >> 4) * 4;
  const [mangling, text] = texts.find(([, one]) => payload.includes(one, data)) ?? [];
  const found = payload.indexOf(text ?? '', data);
  switch (mangling) {
    case undefined:
      return packet.setVerdict(ACCEPT);
    case 'drop':
      return packet.setVerdict(DROP);
    case 'alter': {
      // Two words change places, so that the checksum stays right.
      const first = found + ((found - data) % 2);
      const word = payload.readUInt16BE(first);
      payload.writeUInt16BE(payload.readUInt16BE(first + 2), first);
      payload.writeUInt16BE(word, first + 2);
      return packet.setVerdict(ACCEPT, 0, payload);
    }
    case 'double': {
      const doubled = Buffer.concat([payload, payload.subarray(data)]);
      doubled.writeUInt16BE(doubled.length, 2);
      doubled.writeUInt16BE(0, 10);
      doubled.writeUInt16BE(checksum(doubled.subarray(0, ip), 0), 10);
      doubled.writeUInt16BE(0, ip + 16);
      const pseudo = Buffer.concat([doubled.subarray(12, 20), Buffer.from([0, 6, 0, 0])]);
      pseudo.writeUInt16BE(doubled.length - ip, 10);
      const sum = ~checksum(pseudo, 0) & 0xffff;
      doubled.writeUInt16BE(checksum(doubled.subarray(ip), sum), ip + 16);
      return packet.setVerdict(ACCEPT, 0, doubled);
    }
  }
});
setInterval(() => undefined, 1000);
`;

/** @param port of the test server @param what mangling -> the text by which its segments are known */
export async function mangle(
  lab: RunningLab,
  port: number,
  what: Readonly<Record<Mangling, string>>,
): Promise<void> {
  const online = lab.node('online');
  await online.writeFile('/tmp/mangle.mjs', program(what));
  await online.start(['/opt/tcpcopy-lab/bin/node', '/tmp/mangle.mjs']);
  await shell(
    online,
    `for turn in $(seq 300); do grep -q '^ *${QUEUE} ' /proc/net/netfilter/nfnetlink_queue && break; sleep 0.1; done &&
     iptables -t mangle -A POSTROUTING -p tcp --dport ${port} -j NFQUEUE --queue-num ${QUEUE}`,
  );
}
