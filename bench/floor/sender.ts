/** The sending program, bundled by the bench and run in the online server's node: tcpcopy's own injection in a loop. */
import { readFileSync } from 'node:fs';
import { openSink } from '../../src/inject/open';
import type { InjectSink } from '../../src/inject/sink';
import { readU32 } from '../../src/wire/big-endian';
import { EnginePlay } from '../engine/engine-play';
import { ETHERNET_HEADER_BYTES, MTU_BYTES } from './frames';
import type { EngineTask, FramesTask, SenderReport, SenderTask } from './task';

/** Where an IPv4 header has its destination (RFC 791). */
const DESTINATION_OFFSET = 16;
const CONNECTIONS = 100;

const open = (io: 'ring' | 'packages'): InjectSink =>
  openSink(io, { device: undefined, linkAddresses: new Map() }, MTU_BYTES, (errno) => {
    throw new Error(`the kernel refused a packet: ${errno}`);
  });

/** @param send sends so many packets, or a few more, and tells how many it has sent since the program began */
function measure({ warm, packets }: SenderTask, send: (count: number) => number): SenderReport {
  const before = send(warm);
  const start = process.cpuUsage();
  const total = send(packets);
  const { user, system } = process.cpuUsage(start);
  return { cpu_us: user + system, packets: total - before, total };
}

function sendFrames(task: FramesTask): SenderReport {
  const bytes = readFileSync(task.file);
  const packets: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += task.frame_bytes)
    packets.push(new Uint8Array(bytes.subarray(at + ETHERNET_HEADER_BYTES, at + task.frame_bytes)));
  const destination = readU32(packets[0]!, DESTINATION_OFFSET);
  const sink = open(task.io);
  let sent = 0;
  return measure(task, (count) => {
    for (const end = sent + count; sent < end; sent += 1) {
      const packet = packets[sent % packets.length]!;
      sink.send(packet, packet.length, destination);
    }
    sink.flush();
    return sent;
  });
}

function sendCopies(task: EngineTask): SenderReport {
  const sink = task.io === 'none' ? undefined : open(task.io);
  let sent = 0;
  const play = new EnginePlay(CONNECTIONS, {
    requestBytes: task.payload_bytes,
    clients: task.clientAddress,
    test: { address: task.testAddress, port: task.testPort },
    send: (packet, length) => {
      sent += 1;
      sink?.send(packet, length, task.testAddress);
    },
    turnOver: () => sink?.flush(),
  });
  play.open();
  return measure(task, (count) => {
    for (const end = sent + count; sent < end;) play.round();
    return sent;
  });
}

const task = JSON.parse(process.argv[2]!) as SenderTask;
const report = task.kind === 'frames' ? sendFrames(task) : sendCopies(task);
// The packages' sockets keep a program alive that does not end by itself.
process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit());
