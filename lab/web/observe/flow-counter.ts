/** What flows, counted by the kernels of the nodes: rules without a target, which decide on nothing. */
import type { RunningLab } from '../../engine/nodes/lab';
import { countersIn } from '../../verify/evidence/kernel-count';
import type { Scene } from '../../verify/evidence/scene';
import {
  copies,
  passedResponses,
  requests,
  responses,
  ruleOf,
  type Device,
  type KernelWatch,
} from '../../verify/evidence/watch';
import type { FlowCounts } from '../messages/reading';
import type { Undoings } from './undoing';

/** TEST-NET-1 (RFC 5737): proofs of the guard, which are no responses. */
const NOBODY = '192.0.2.1';
/** Behind it the page says that it is blind, and goes on. */
const READ_WITHIN_MS = 10_000;
const SAVE = 'iptables-save -c -t raw | grep -F -e "$0"';

type Part = 'requests' | 'answers' | 'copies' | 'responses' | 'others' | 'escaped';

interface Counted {
  readonly part: Part;
  readonly watch: KernelWatch;
  readonly comment: string;
}

export class FlowCounter {
  readonly #name: string;
  readonly #counted: readonly Counted[];

  /**
   * @param run tells the rules of this watch from all others
   * @param device by which copies come to the test server
   */
  constructor(
    private readonly lab: RunningLab,
    scene: Scene,
    run: string,
    device: Device,
  ) {
    this.#name = `watch-${run}-${scene.online.name}-`;
    this.#counted = countedIn(scene, device).map((one, index) => ({
      ...one,
      comment: `${this.#name}${index}`,
    }));
  }

  /** @throws Error when a rule is refused */
  async install(undoings: Undoings): Promise<void> {
    for (const { watch, comment } of this.#counted) {
      const { table, rule } = ruleOf(watch, comment);
      const change = (action: string): string[] => ['iptables', '-w', '-t', table, action, ...rule];
      undoings.get(watch.node)!.add(change('-D').join(' '));
      const { exitCode, stderr } = await this.lab.node(watch.node).exec(change('-A'));
      if (exitCode !== 0) throw new Error(`No counting rule on ${watch.node}: ${stderr.toString().trim()}`);
    }
  }

  async read(): Promise<FlowCounts> {
    const nodes = [...new Set(this.#counted.map(({ watch }) => watch.node))];
    const saved = new Map(
      await Promise.all(
        nodes.map(async (node) => {
          const argv = ['sh', '-c', SAVE, this.#name];
          const { stdout } = await this.lab.node(node).exec(argv, { timeout_ms: READ_WITHIN_MS });
          return [node, countersIn(stdout.toString())] as const;
        }),
      ),
    );
    const sums: Record<Part, number> = {
      requests: 0,
      answers: 0,
      copies: 0,
      responses: 0,
      others: 0,
      escaped: 0,
    };
    for (const { part, watch, comment } of this.#counted)
      sums[part] += saved.get(watch.node)?.get(comment) ?? 0;
    const { others, ...flows } = sums;
    return { ...flows, responses: Math.max(0, flows.responses - others) };
  }
}

/** All of them stand in the table raw, and are read at once. */
function countedIn(scene: Scene, device: Device): { part: Part; watch: KernelWatch }[] {
  const { online, test, clients } = scene;
  const answers = { id: 'answers', meaning: 'answers', source: online.address, sourcePort: online.port };
  const toOthers = [...passedResponses(scene), { ...responses(scene), destination: NOBODY }];
  return [
    { part: 'requests', watch: { ...requests(scene), node: online.name, hook: 'PREROUTING' } },
    { part: 'answers', watch: { ...answers, node: online.name, hook: 'OUTPUT' } },
    { part: 'copies', watch: { ...copies(scene), device, node: test.name, hook: 'PREROUTING' } },
    { part: 'responses', watch: { ...responses(scene), device, node: test.name, hook: 'OUTPUT' } },
    ...toOthers.map((watch) => ({
      part: 'others' as const,
      watch: { ...watch, device, node: test.name, hook: 'OUTPUT' as const },
    })),
    ...clients.map(({ name }) => ({
      part: 'escaped' as const,
      watch: { ...responses(scene), node: name, hook: 'PREROUTING' as const },
    })),
  ];
}
