/** Hears of every packet that the fence's rules refuse. */
import { spawn } from 'node:child_process';
import { packetsIn } from '../../src/wire/capture/capture-file';
import { PcapPieces } from '../../src/wire/capture/pcap-pieces';
import { loggedPacket } from '../../src/wire/encapsulation/nflog';
import { callOf } from './packet';
import { FENCE_PORT } from './place';
import type { Call } from './record';

/** Of a packet: its headers. */
const SNAP_BYTES = 160;

export interface Hearing {
  /** Resolves when every packet from now on is heard of. */
  readonly listens: Promise<void>;
  /** Resolves with tcpdump's last words when it has ended. */
  readonly ended: Promise<string>;
}

export function hearCalls(onCall: (call: Call) => void): Hearing {
  const tcpdump = spawn(
    'tcpdump',
    ['-i', `nflog:${FENCE_PORT}`, '--immediate-mode', '-U', '-s', String(SNAP_BYTES), '-w', '-'],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  const ended = new Promise<string>((resolve) => {
    tcpdump.once('error', (error) => resolve(error.message));
    tcpdump.once('close', () => resolve(said.trim()));
  });
  const listens = new Promise<void>((resolve) => {
    tcpdump.stderr.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      if (said.includes('listening on')) resolve();
    });
  });
  const pieces = new PcapPieces();
  tcpdump.stdout.on('data', (bytes: Buffer) => {
    const capture = pieces.push(bytes);
    if (!capture) return;
    for (const { offset, capturedLength } of packetsIn(capture)) {
      const packet = loggedPacket(capture.subarray(offset, offset + capturedLength));
      const call = packet && callOf(packet);
      if (call) onCall(call);
    }
  });
  process.once('exit', () => tcpdump.kill());
  return { listens, ended };
}
