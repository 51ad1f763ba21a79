/** A capture on the online server's own interface, where both the client's segment and its copy pass. */
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from '../stage/bench-error';
import type { Stage } from '../stage/stage';

const FILE = '/tmp/bench-delay.pcap';
const BUFFER_KIB = 64 * 1024;
/** Link, network and transport headers with all options; what they carry is not needed. */
const SNAP_BYTES = 134;
const LISTEN_WITHIN_MS = 10_000;
/** The kernel hands over a block that is not full after a second, and tcpdump forgets it when it is stopped before. */
const LAST_BLOCK_MS = 1_200;

/** Resolves when it records; calling what it resolves with ends the recording and gives the capture. */
export async function startRecording({ online, scene, signal }: Stage): Promise<() => Promise<Buffer>> {
  const requests = `dst host ${scene.online.address} and dst port ${scene.online.port}`;
  const copies = `dst host ${scene.test.address} and dst port ${scene.test.port}`;
  const precision = ['--time-stamp-precision', 'nano'];
  const command = await online.start([
    ...['tcpdump', '-i', 'eth0', '-n', '-s', String(SNAP_BYTES), '-B', String(BUFFER_KIB), ...precision],
    ...['-w', FILE, `tcp and ((${requests}) or (${copies}))`],
  ]);
  const deadline_ms = performance.now() + LISTEN_WITHIN_MS;
  while (!command.stderr().includes('listening on')) {
    if (performance.now() > deadline_ms) {
      throw new BenchError('STEP_FAILED', `tcpdump does not listen: ${command.stderr().trim()}`);
    }
    await sleep(20, undefined, { signal });
  }
  return async () => {
    await sleep(LAST_BLOCK_MS, undefined, { signal });
    const { stderr } = await command.stop();
    const dropped = /^(\d+) packets? dropped by kernel/m.exec(stderr.toString())?.[1];
    if (dropped !== '0') {
      throw new BenchError(
        'LOAD_FAILED',
        `tcpdump missed packets: ${stderr.toString().trim()}`,
        'Run it again.',
      );
    }
    return online.readFile(FILE);
  };
}
