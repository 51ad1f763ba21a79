/** What flows, counted by the kernels of the nodes: rules that decide on nothing, in chains of their own. */
import type { RunningLab } from '../../engine/nodes/lab';
import type { Scene } from '../../verify/evidence/scene';
import {
  copies,
  matchOf,
  passedResponses,
  requests,
  responses,
  type Device,
  type KernelWatch,
} from '../../verify/evidence/watch';
import { CANARY_PORT } from '../frames/kept';
import type { FlowCounts, FlowName } from '../messages/reading';
import type { Undoings } from './undoing';

/** Behind it the page says that it is blind, and goes on. */
const READ_WITHIN_MS = 10_000;
const SAVE = ['iptables-save', '-c', '-t', 'raw'];

interface Counted {
  readonly flow: FlowName;
  readonly watch: KernelWatch;
  /** What of it does not count, as words of iptables(8). */
  readonly except: readonly string[];
}

/**
 * A rule leads what may belong to a flow into a chain, whose last rule counts it. So a packet is compared with few words,
 * whatever else it is looked at for.
 */
export class FlowCounter {
  readonly #counted: readonly Counted[];

  /**
   * @param run tells the chains of this watch from all others
   * @param device by which copies come to the test server
   */
  constructor(
    private readonly lab: RunningLab,
    scene: Scene,
    private readonly run: number,
    device: Device,
  ) {
    this.#counted = countedIn(scene, device);
  }

  /** Where a flow is counted. */
  chainOf(flow: FlowName): string {
    return `watch-${this.run}-${flow}`;
  }

  /** @throws Error when a rule is refused */
  async install(undoings: Undoings): Promise<void> {
    await Promise.all(this.#nodes.map((node) => this.#installOn(node, undoings)));
  }

  /** @param lab by which the nodes are asked */
  async read(lab: RunningLab): Promise<FlowCounts> {
    const counts: Record<FlowName, number> = { requests: 0, answers: 0, copies: 0, responses: 0, escaped: 0 };
    const saved = await Promise.all(
      this.#nodes.map((node) => lab.node(node).exec(SAVE, { timeout_ms: READ_WITHIN_MS })),
    );
    for (const { stdout } of saved) {
      for (const [chain, packets] of countsIn(stdout.toString())) {
        const one = this.#counted.find(({ flow }) => this.chainOf(flow) === chain);
        if (one) counts[one.flow] += packets;
      }
    }
    return counts;
  }

  get #nodes(): string[] {
    return [...new Set(this.#counted.map(({ watch }) => watch.node))];
  }

  async #installOn(node: string, undoings: Undoings): Promise<void> {
    const here = this.#counted.filter(({ watch }) => watch.node === node);
    const gates = here.map(({ flow, watch }) => [...matchOf(watch), '-j', this.chainOf(flow)].join(' '));
    for (const { flow } of here) {
      undoings.get(node)!.add(`iptables -w -t raw -X ${this.chainOf(flow)}`);
      undoings.get(node)!.add(`iptables -w -t raw -F ${this.chainOf(flow)}`);
    }
    for (const gate of gates) undoings.get(node)!.add(`iptables -w -t raw -D ${gate}`);
    const rules = here.flatMap(({ flow, except }) => [
      ...except.map((words) => `-A ${this.chainOf(flow)} ${words} -j RETURN`),
      `-A ${this.chainOf(flow)}`,
    ]);
    const input = [
      '*raw',
      ...here.map(({ flow }) => `:${this.chainOf(flow)} -`),
      ...rules,
      ...gates.map((gate) => `-A ${gate}`),
      'COMMIT\n',
    ].join('\n');
    const { exitCode, stderr } = await this.lab.node(node).exec(['iptables-restore', '-w', '-n'], { input });
    if (exitCode !== 0) throw new Error(`No counting rules on ${node}: ${stderr.toString().trim()}`);
  }
}

/** Packets by chain that ends with a rule of no words, from the output of `iptables-save -c`. */
export function countsIn(saved: string): [chain: string, packets: number][] {
  return [...saved.matchAll(/^\[(\d+):\d+\] -A (\S+)$/gm)].map(([, packets, chain]) => [
    chain!,
    Number(packets),
  ]);
}

/** All of them stand in the table raw, and are read at once. */
function countedIn(scene: Scene, device: Device): Counted[] {
  const { online, test, clients } = scene;
  const answers = { id: 'answers', meaning: 'answers', source: online.address, sourcePort: online.port };
  const made = { ...responses(scene), device, node: test.name, hook: 'OUTPUT' as const };
  const passed = passedResponses(scene).map(({ destination }) => `-d ${destination}`);
  const all = (flow: FlowName, watch: KernelWatch): Counted => ({ flow, watch, except: [] });
  const copied = { ...copies(scene), device, node: test.name, hook: 'PREROUTING' as const };
  // Proofs of the guard are neither copies nor responses.
  const provoking = `-p tcp --sport ${CANARY_PORT}`;
  const proofs = `-p tcp --dport ${CANARY_PORT}`;
  return [
    all('requests', { ...requests(scene), node: online.name, hook: 'PREROUTING' }),
    all('answers', { ...answers, node: online.name, hook: 'OUTPUT' }),
    { flow: 'copies', watch: copied, except: [provoking] },
    { flow: 'responses', watch: made, except: [...passed, proofs] },
    ...clients.map(({ name }) => all('escaped', { ...responses(scene), node: name, hook: 'PREROUTING' })),
  ];
}
