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
import { CANARY_PORT } from '../frames/kept';
import type { FlowCounts } from '../messages/reading';
import type { Undoings } from './undoing';

/** Behind it the page says that it is blind, and goes on. */
const READ_WITHIN_MS = 10_000;
const SAVE = 'iptables-save -c -t raw | grep -F -e "$0"';

type Part = keyof FlowCounts;

interface Counted {
  readonly part: Part;
  /** What another rule of the part counts, and is none of it. */
  readonly isOther?: boolean;
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
      escaped: 0,
    };
    for (const { part, isOther = false, watch, comment } of this.#counted)
      sums[part] += (isOther ? -1 : 1) * (saved.get(watch.node)?.get(comment) ?? 0);
    const counts = Object.entries(sums).map(([part, sum]) => [part, Math.max(0, sum)]);
    return Object.fromEntries(counts) as Record<Part, number>;
  }
}

/** All of them stand in the table raw, and are read at once. */
function countedIn(scene: Scene, device: Device): Omit<Counted, 'comment'>[] {
  const { online, test, clients } = scene;
  const answers = { id: 'answers', meaning: 'answers', source: online.address, sourcePort: online.port };
  // Proofs of the guard are neither copies nor responses.
  const provoking = { ...copies(scene), sourcePort: CANARY_PORT };
  const toOthers = [...passedResponses(scene), { ...responses(scene), destinationPort: CANARY_PORT }];
  return [
    { part: 'requests', watch: { ...requests(scene), node: online.name, hook: 'PREROUTING' } },
    { part: 'answers', watch: { ...answers, node: online.name, hook: 'OUTPUT' } },
    { part: 'copies', watch: { ...copies(scene), device, node: test.name, hook: 'PREROUTING' } },
    {
      part: 'copies',
      isOther: true,
      watch: { ...provoking, device, node: test.name, hook: 'PREROUTING' },
    },
    { part: 'responses', watch: { ...responses(scene), device, node: test.name, hook: 'OUTPUT' } },
    ...toOthers.map((watch) => ({
      part: 'responses' as const,
      isOther: true,
      watch: { ...watch, device, node: test.name, hook: 'OUTPUT' as const },
    })),
    ...clients.map(({ name }) => ({
      part: 'escaped' as const,
      watch: { ...responses(scene), node: name, hook: 'PREROUTING' as const },
    })),
  ];
}
