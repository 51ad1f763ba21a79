/**
 * What arrives over a lab's links is handled on threads of their own, and in nobody's time. Between two machines the sender has
 * done with a packet when its card has it. Over a lab's virtual Ethernet pairs, bridge, firewall and the receiver's TCP run
 * before the call returns that sends it; threaded NAPI (Documentation/networking/napi.rst) takes them off it
 * (docs/decisions/0031-reception-on-threads-of-its-own.md).
 */
import { execa } from 'execa';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { hostPid } from '../../lab/engine/commands/host-processes';
import { findLab } from '../../lab/engine/labs/find';
import type { LabNode, RunningLab } from '../../lab/engine/commands/lab';
import { BenchError } from './bench-error';
import { isElsewhere } from './elsewhere';

export interface Delivery {
  /** CPU time that the threads have taken so far. */
  used_us(): Promise<number>;
}

const DEVICE = 'eth0';
const DEVICES = '/sys/class/net';
/** The kernel shortens names of threads to so much (TASK_COMM_LEN). */
const NAME_MAX = 15;
const THREADS_WITHIN_MS = 2_000;

/**
 * Of all nodes of the lab, until it ends; undefined where it stands on machines of its own.
 *
 * @throws BenchError where this machine may not do that
 */
export async function deliverApart(lab: RunningLab): Promise<Delivery | undefined> {
  if (isElsewhere()) return undefined;
  const threads = await Promise.all(lab.nodes.map((node) => deliverFrom(lab, node)));
  return {
    used_us: async () => {
      const used_ns = await Promise.all(
        threads.map(async (pid) =>
          Number((await readFile(`/proc/${pid}/schedstat`, 'latin1')).split(' ')[0]),
        ),
      );
      return used_ns.reduce((sum, one) => sum + one, 0) / 1000;
    },
  };
}

/** @returns the thread that handles what the node sends */
async function deliverFrom(lab: RunningLab, node: LabNode): Promise<number> {
  const far = await farEndOf(node);
  const pid = await hostPid(await findLab(lab.name), node.name);
  await run('ethtool', '-K', far, 'gro', 'on');
  // A sender that cuts segments by itself is not handed to a thread (veth_skb_is_eligible_for_gro of drivers/net/veth.c).
  await run('nsenter', `--net=/proc/${pid}/ns/net`, 'ethtool', '-K', DEVICE, 'tso', 'off');
  await writeFile(`${DEVICES}/${far}/threaded`, '1').catch((cause: unknown) => {
    throw unable(`${DEVICES}/${far}/threaded: ${(cause as Error).message}`);
  });
  const thread = await threadOf(far);
  // As an interrupt, it comes before what programs do.
  await run('chrt', '-f', '-p', '1', String(thread));
  return thread;
}

/** Name of the host's end of the pair that the node sends by. */
async function farEndOf(node: LabNode): Promise<string> {
  const index = (await node.readFile(`${DEVICES}/${DEVICE}/iflink`)).toString().trim();
  for (const device of await readdir(DEVICES)) {
    const own = await readFile(`${DEVICES}/${device}/ifindex`, 'latin1').catch(() => '');
    if (own.trim() === index) return device;
  }
  throw unable(`this machine has no device with the index ${index}`);
}

async function threadOf(device: string): Promise<number> {
  const name = `napi/${device}`.slice(0, NAME_MAX);
  const deadline_ms = performance.now() + THREADS_WITHIN_MS;
  while (performance.now() < deadline_ms) {
    const found = await execa('pgrep', ['-x', `${name}.*`], { reject: false });
    if (found.exitCode === 0) return Number(found.stdout.split('\n')[0]);
  }
  throw unable(`there is no thread ${name}`);
}

async function run(command: string, ...words: readonly string[]): Promise<void> {
  const { exitCode, stderr, shortMessage } = await execa(command, words, { reject: false });
  if (exitCode !== 0) throw unable(stderr.trim() || (shortMessage ?? command));
}

const unable = (reason: string): BenchError =>
  new BenchError(
    'STEP_FAILED',
    `What is sent cannot be told from what is received: ${reason}`,
    'Run it as root where the Docker engine runs, with ethtool (apt-get install ethtool).',
  );
