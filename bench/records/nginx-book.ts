/** Deliveries by the logs and kept bodies of both servers. */
import type { LabNode } from '../../lab/engine/commands/lab';
import type { Stage } from '../stage/stage';
import { BENCH_LOG, BODY_FOLDER, deliveryIn, identityOf, type Delivery } from './access-log';
import { tally, type Book, type Both, type Deliveries } from './book';

/** Of one load, whose requests all have the tag in their targets: what came late from another load is not counted. */
export class NginxBook implements Book {
  private constructor(
    private readonly stage: Stage,
    private readonly tag: string,
  ) {}

  static async open(stage: Stage, tag: string): Promise<NginxBook> {
    const empty = `truncate -s 0 ${BENCH_LOG}; find ${BODY_FOLDER} -type f -delete`;
    await Promise.all([shell(stage.online, empty), shell(stage.test, empty)]);
    return new NginxBook(stage, tag);
  }

  counts(): Promise<Both<number>> {
    return this.#fromBoth(async (node) =>
      Number((await node.exec(['grep', '-cF', this.tag, BENCH_LOG])).stdout.toString()),
    );
  }

  deliveries(): Promise<Both<Deliveries>> {
    return this.#fromBoth(async (node) => {
      const deliveries = await this.#deliveriesAt(node);
      const digests = deliveries.some(({ bodyFile }) => bodyFile !== undefined)
        ? await bodyDigests(node)
        : new Map<string, string>();
      return tally(deliveries.map((delivery) => identityOf(delivery, digests)));
    });
  }

  /** Only what requests name, however often. */
  async targets(): Promise<Both<Deliveries>> {
    const { online, test } = await this.lines();
    const targetsOf = (lines: readonly Delivery[]): Deliveries => tally(lines.map(({ target }) => target));
    return { online: targetsOf(online), test: targetsOf(test) };
  }

  /** In the order in which the servers wrote them down. */
  lines(): Promise<Both<Delivery[]>> {
    return this.#fromBoth((node) => this.#deliveriesAt(node));
  }

  async #deliveriesAt(node: LabNode): Promise<Delivery[]> {
    const { stdout } = await node.exec(['grep', '-F', this.tag, BENCH_LOG]);
    return stdout
      .toString()
      .split('\n')
      .flatMap((line) => deliveryIn(line) ?? []);
  }

  async #fromBoth<T>(ask: (node: LabNode) => Promise<T>): Promise<Both<T>> {
    const [online, test] = await Promise.all([ask(this.stage.online), ask(this.stage.test)]);
    return { online, test };
  }
}

async function bodyDigests(node: LabNode): Promise<Map<string, string>> {
  const text = await shell(node, `find ${BODY_FOLDER} -type f -exec sha256sum {} +`);
  return new Map(
    text.split('\n').flatMap((line) => {
      const [digest, file] = line.split(/ +/);
      return file === undefined ? [] : [[file, digest!] as const];
    }),
  );
}

async function shell(node: LabNode, line: string): Promise<string> {
  return (await node.exec(['sh', '-c', line])).stdout.toString();
}
