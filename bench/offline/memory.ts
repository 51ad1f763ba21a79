/** How much memory tcpcopy takes to play a capture of any size as fast as the test server lets it. */
import { silent } from '../../lab/engine/docker/progress';
import offline from '../../topologies/offline';
import { withOwnLab } from '../stage/own-lab';
import { CONNECTION_BYTES, makeCaptureProgram } from './make-capture';

export interface OfflineMemory {
  readonly capture_bytes: number;
  /** The most that was ever resident. */
  readonly resident_bytes: number;
  readonly seconds: number;
  readonly exitStatus: number;
  /** What tcpcopy says about it. */
  readonly account: string;
  readonly met: boolean;
}

/** What is promised for 2 GB, and any other size. */
const RESIDENT_MAX_BYTES = 200 * 1000 * 1000;

/** The capture goes through a pipe, as it is larger than what a node can hold. */
const script = (transfer: string, connections: number): string => `
mkfifo /tmp/capture.pcap
/opt/tcpcopy-lab/bin/node /tmp/make.mjs ${connections} >/tmp/capture.pcap &
tcpcopy -i /tmp/capture.pcap -x ${transfer} -a 10000 -l /tmp/tcpcopy.log &
pid=$!
while grep -s VmHWM /proc/$pid/status >/tmp/seen; do cp /tmp/seen /tmp/most; sleep 0.2; done
wait $pid
status=$?
cat /tmp/most
exit $status
`;

export async function offlineMemory(capture_bytes: number, signal: AbortSignal): Promise<OfflineMemory> {
  const own = { name: 'bench-offline', topology: offline, progress: silent, signal };
  return withOwnLab(own, async (lab) => {
    const test = lab.node('test');
    await test.writeFile('/tmp/make.mjs', makeCaptureProgram);
    const connections = Math.ceil(capture_bytes / CONNECTION_BYTES);
    const from_ms = performance.now();
    const command = await test.start(['sh', '-c', script(`80-${test.definition.address}:8080`, connections)]);
    const { exitCode, stdout } = await command.ended;
    const text = stdout.toString();
    const resident_bytes = Number(/VmHWM:\s+(\d+) kB/.exec(text)?.[1] ?? NaN) * 1024;
    return {
      capture_bytes: connections * CONNECTION_BYTES,
      resident_bytes,
      seconds: (performance.now() - from_ms) / 1000,
      exitStatus: exitCode,
      account: text.replace(/^VmHWM.*\n/m, ''),
      met: exitCode === 0 && resident_bytes < RESIDENT_MAX_BYTES,
    };
  });
}

export const offlineMemoryText = ({
  capture_bytes,
  resident_bytes,
  seconds,
  account,
  met,
}: OfflineMemory): string =>
  [
    `capture       ${(capture_bytes / 1e9).toFixed(2)} GB, as fast as the test server takes it`,
    `memory        ${(resident_bytes / 1e6).toFixed(0)} MB at most, promised are less than ${RESIDENT_MAX_BYTES / 1e6}`,
    `time          ${seconds.toFixed(1)} s`,
    account.trimEnd(),
    met ? 'met' : 'MISSED',
  ].join('\n');
