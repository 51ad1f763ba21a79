/**
 * How far injection is from the least that it can cost. A C program and tcpcopy's own injection send the same packets from
 * the online server to the test server, which drops them at its door: only sending counts. What the kernel does on the
 * way across the lab's bridge, it does in the sender's time, whoever sends.
 */
import { told } from '../../lab/cli/terminal/output';
import type { LabNode } from '../../lab/engine/commands/lab';
import { parseAddress } from '../../src/wire/address/address';
import traditional from '../../topologies/traditional';
import { BenchError } from '../stage/bench-error';
import { bundle, NODE, NODE_PACKAGES } from '../stage/bundle';
import { withOwnLab } from '../stage/own-lab';
import { stageOf, type Stage } from '../stage/stage';
import { inTurn } from '../stage/turns';
import { candidates, sends, type Candidate } from './candidates';
import { compileFloor } from './compile';
import { discard } from './discard';
import { frameLength_bytes, readyMadeFrames, type FrameEnds } from './frames';
import type { SenderReport, SenderTask } from './task';

/** What a packet carries: of a short request, and as much as fits. */
export const PAYLOADS_BYTES = [100, 1448];
const C_PROGRAM = '/tmp/floor';
const OWN_PROGRAM = '/tmp/bench-sender.mjs';
const DEVICE = 'eth0';
/** Sent before anything is measured: the first packets of a program's life are spent on compiling it. */
const WARM = 100_000;
const TIMEOUT_MS = 120_000;

export interface FloorOptions {
  /** That are sent each time. */
  readonly packets: number;
  readonly rounds: number;
  readonly signal: AbortSignal;
}

export interface FloorSample {
  readonly payload_bytes: number;
  /** Id of the candidate. */
  readonly candidate: string;
  readonly round: number;
  /** Of a packet. */
  readonly cpu_us: number;
  /** Share of the packets that reached the test server; undefined where none is sent. */
  readonly arrived: number | undefined;
}

export interface FloorResult {
  readonly rounds: number;
  readonly packets: number;
  readonly samples: readonly FloorSample[];
}

export async function floor({ packets, rounds, signal }: FloorOptions): Promise<FloorResult> {
  const program = await compileFloor();
  const own = { name: 'bench-floor', topology: traditional, bare: true, progress: told, signal };
  return withOwnLab(own, async (lab) => {
    const stage = await stageOf(lab, signal);
    const ends = await endsOf(stage);
    await install(stage.online, program, ends);
    const arrivals = await discard(stage.test, ends.testPort);
    const samples: FloorSample[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const work = async (): Promise<void> => {
        for (const payload_bytes of PAYLOADS_BYTES) {
          for (const candidate of inTurn(candidates, round)) {
            const argv = argvFor(candidate, ends, payload_bytes, packets);
            const report = await run(stage.online, argv);
            const arrived = (await arrivals()) / report.total;
            samples.push({
              payload_bytes,
              candidate: candidate.id,
              round,
              cpu_us: report.cpu_us / report.packets,
              arrived: sends(candidate) ? arrived : undefined,
            });
          }
        }
      };
      await told.step(`round ${round + 1} of ${rounds}`, work);
    }
    return { rounds, packets, samples };
  });
}

async function endsOf({ online, test, scene }: Stage): Promise<FrameEnds> {
  const [sourceLink, destinationLink] = await Promise.all([online, test].map(linkAddressOf));
  return {
    sourceLink: sourceLink!,
    destinationLink: destinationLink!,
    clientAddress: parseAddress(scene.clients[0]!.address)!,
    testAddress: parseAddress(scene.test.address)!,
    testPort: scene.test.port,
  };
}

async function linkAddressOf(node: LabNode): Promise<Uint8Array> {
  const text = (await node.readFile(`/sys/class/net/${DEVICE}/address`)).toString();
  return Uint8Array.from(text.trim().split(':'), (byte) => parseInt(byte, 16));
}

async function install(node: LabNode, program: Uint8Array, ends: FrameEnds): Promise<void> {
  await node.writeFile(C_PROGRAM, program);
  await node.exec(['chmod', '+x', C_PROGRAM]);
  await node.writeFile(OWN_PROGRAM, await bundle('floor/sender.ts'));
  for (const payload_bytes of PAYLOADS_BYTES)
    await node.writeFile(framesFile(payload_bytes), readyMadeFrames(ends, payload_bytes));
}

const framesFile = (payload_bytes: number): string => `/tmp/frames-${payload_bytes}`;

function argvFor(
  { program }: Candidate,
  { clientAddress, testAddress, testPort }: FrameEnds,
  payload_bytes: number,
  packets: number,
): string[] {
  const file = framesFile(payload_bytes);
  const frame_bytes = frameLength_bytes(payload_bytes);
  if (program.language === 'c') {
    const sizes = [frame_bytes, program.batch, WARM, packets].map(String);
    return [C_PROGRAM, program.socket, DEVICE, file, ...sizes];
  }
  const amount = { warm: WARM, packets };
  const task: SenderTask =
    program.kind === 'frames'
      ? { kind: 'frames', io: program.io, file, frame_bytes, ...amount }
      : { kind: 'engine', io: program.io, payload_bytes, clientAddress, testAddress, testPort, ...amount };
  return ['env', `NODE_PATH=${NODE_PACKAGES}`, NODE, OWN_PROGRAM, JSON.stringify(task)];
}

async function run(node: LabNode, argv: readonly string[]): Promise<SenderReport> {
  const { exitCode, stdout, stderr } = await node.exec(argv, { timeout_ms: TIMEOUT_MS });
  if (exitCode === 0) return JSON.parse(stdout.toString()) as SenderReport;
  const said = stderr.toString().trim().slice(-500);
  throw new BenchError('LOAD_FAILED', `\`${argv.join(' ')}\` ended with status ${exitCode}: ${said}`);
}
