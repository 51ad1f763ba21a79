/** A datagram that is sent only to be seen: what looks for frames shows with it that it was looking. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** Nobody listens there (RFC 863, discard), and nobody answers a broadcast that nobody listens to. */
export const MARK_PORT = 9;

/** @param address may be a broadcast address, which every node of the network receives, or of IPv6 a multicast one with its zone */
export async function sendMark(address: string, text: string): Promise<void> {
  const isIpv6 = address.includes(':');
  const socket = createSocket(isIpv6 ? 'udp6' : 'udp4');
  socket.bind();
  await once(socket, 'listening');
  if (!isIpv6) socket.setBroadcast(true);
  await new Promise<void>((resolve, reject) => {
    socket.send(text, MARK_PORT, address, (error) => (error ? reject(error) : resolve()));
  });
  socket.close();
}

/** Between two of several: so they meet with the machine in different moods. */
const BETWEEN_MS = 3;

/** @param text in front of the number of each, from 1 on */
export async function sendMarks(address: string, text: string, count: number): Promise<void> {
  for (let number = 1; number <= count; number += 1) {
    await sendMark(address, `${text}${number}`);
    await sleep(BETWEEN_MS);
  }
}
