/** What flows, counted by the kernels of the nodes: rules that decide on nothing, in chains of their own. */
import type { RunningLab } from '../../engine/commands/lab';
import type { Scene } from '../../verify/evidence/scene';
import {
  answers,
  copies,
  iptablesFor,
  matchOf,
  passedResponses,
  requests,
  responses,
  type KernelWatch,
  type Watch,
} from '../../verify/evidence/watch';
import { CANARY_PORT } from '../frames/kept';
import type { FlowCounts, FlowName } from '../messages/reading';
import type { Undoings } from './undoing';

/** Behind it the page says that it is blind, and goes on. */
const READ_WITHIN_MS = 10_000;

interface Counted {
  readonly flow: FlowName;
  readonly watch: KernelWatch;
  /** What of it does not count, as words of iptables(8). */
  readonly except: readonly string[];
}

/** Rules of one family on one node. */
interface CountingPlace {
  readonly node: string;
  readonly iptables: string;
  readonly here: readonly Counted[];
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
    device: string,
  ) {
    this.#counted = countedIn(scene, device);
  }

  /** Where a flow is counted. */
  chainOf(flow: FlowName): string {
    return `watch-${this.run}-${flow}`;
  }

  /** @throws Error when a rule is refused */
  async install(undoings: Undoings): Promise<void> {
    await Promise.all(this.#places.map((place) => this.#installOn(place, undoings)));
  }

  /** @param lab by which the nodes are asked */
  async read(lab: RunningLab): Promise<FlowCounts> {
    const counts: Record<FlowName, number> = { requests: 0, answers: 0, copies: 0, responses: 0, escaped: 0 };
    const saved = await Promise.all(
      this.#places.map(({ node, iptables }) =>
        lab.node(node).exec([`${iptables}-save`, '-c', '-t', 'raw'], { timeout_ms: READ_WITHIN_MS }),
      ),
    );
    for (const { stdout } of saved) {
      for (const [chain, packets] of countsIn(stdout.toString())) {
        const one = this.#counted.find(({ flow }) => this.chainOf(flow) === chain);
        if (one) counts[one.flow] += packets;
      }
    }
    return counts;
  }

  get #places(): CountingPlace[] {
    const all = this.#counted.map(({ watch: { node, family } }) => ({ node, family }));
    const each = new Map(all.map((place) => [`${place.node} ${place.family}`, place]));
    return [...each.values()].map(({ node, family }) => ({
      node,
      iptables: iptablesFor({ family }),
      here: this.#counted.filter(({ watch }) => watch.node === node && watch.family === family),
    }));
  }

  async #installOn({ node, iptables, here }: CountingPlace, undoings: Undoings): Promise<void> {
    const gates = here.map(({ flow, watch }) => [...matchOf(watch), '-j', this.chainOf(flow)].join(' '));
    for (const { flow } of here) {
      undoings.get(node)!.add(`${iptables} -w -t raw -X ${this.chainOf(flow)}`);
      undoings.get(node)!.add(`${iptables} -w -t raw -F ${this.chainOf(flow)}`);
    }
    for (const gate of gates) undoings.get(node)!.add(`${iptables} -w -t raw -D ${gate}`);
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
    const { exitCode, stderr } = await this.lab
      .node(node)
      .exec([`${iptables}-restore`, '-w', '-n'], { input });
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
function countedIn(scene: Scene, device: string): Counted[] {
  const { online, test, clients } = scene;
  // Proofs of the guard are neither copies nor responses.
  const provoking = `-p tcp --sport ${CANARY_PORT}`;
  const proofs = `-p tcp --dport ${CANARY_PORT}`;
  const at = (
    flow: FlowName,
    watches: readonly Watch[],
    place: Pick<KernelWatch, 'node' | 'hook' | 'device'>,
    except: (watch: Watch) => readonly string[] = () => [],
  ): Counted[] => watches.map((watch) => ({ flow, watch: { ...watch, ...place }, except: except(watch) }));
  const passed = ({ family }: Watch): string[] =>
    passedResponses(scene)
      .filter((watch) => watch.family === family)
      .map(({ destination }) => `-d ${destination}`);
  return [
    ...at('requests', requests(scene), { node: online.name, hook: 'PREROUTING' }),
    ...at('answers', answers(scene), { node: online.name, hook: 'OUTPUT' }),
    ...at('copies', copies(scene), { node: test.name, hook: 'PREROUTING', device }, () => [provoking]),
    ...at('responses', responses(scene), { node: test.name, hook: 'OUTPUT', device }, (watch) => [
      ...passed(watch),
      proofs,
    ]),
    ...clients.flatMap(({ name }) => at('escaped', responses(scene), { node: name, hook: 'PREROUTING' })),
  ];
}
