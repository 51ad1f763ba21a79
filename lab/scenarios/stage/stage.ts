/** What a scenario can do to its lab. */
import { setTimeout as sleep } from 'node:timers/promises';
import { setKernelParameter } from '../../engine/nodes/kernel-parameter';
import type { LabNode, RunningLab } from '../../engine/commands/lab';
import type { Random } from '../../load/requests/random';
import type { Scene } from '../../verify/evidence/scene';
import { machineOfNode } from '../../topology/machines';
import { familyOfText, iptablesOf, type Family } from '../../plan/families';
import { ScenarioError } from './errors';
import { insistOn, nodesOf, startPart, stepsOf, stopPart, type Part, type ProgramPart } from './parts';
import type { ProgramSignal, Step } from './step';

/** When something was done: between these two. Seconds since the epoch. */
export interface Span {
  readonly begun: number;
  readonly done: number;
  /** Name of the engine whose machine's clock says so; undefined: of the online server's. */
  readonly engine?: string | undefined;
}

export interface Moments {
  /** When the guard was taken away. */
  lost: Span | undefined;
  /** When everything was made as it should be. */
  restored: Span | undefined;
}

const COPYING_WITHIN_MS = 15_000;
const POLL_MS = 20;
const NOW = 'date +%s.%N';

export class Stage {
  readonly moments: Moments = { lost: undefined, restored: undefined };
  readonly client: LabNode;
  readonly online: LabNode;
  readonly test: LabNode;
  /** Where intercept runs. */
  readonly guardian: LabNode;

  /**
   * @param copied requests of the load that the test server has answered so far
   * @param told hears each step before it is done
   */
  constructor(
    readonly lab: RunningLab,
    readonly scene: Scene,
    readonly random: Random,
    private readonly copied: () => Promise<number>,
    private readonly signal: AbortSignal,
    protected readonly told: (step: Step) => void,
  ) {
    this.client = lab.node(scene.clients[0]!.name);
    this.online = lab.node(scene.online.name);
    this.test = lab.node(scene.test.name);
    this.guardian = nodesOf(lab, 'intercept')[0]!;
  }

  async wait(duration_ms: number): Promise<void> {
    this.told({ kind: 'wait', duration_ms });
    await this.#sleep(duration_ms);
  }

  async #sleep(duration_ms: number): Promise<void> {
    await sleep(duration_ms, undefined, { signal: this.signal });
  }

  start(part: Part, further: readonly string[] = []): Promise<void> {
    this.told({ kind: 'part', part, does: 'start' });
    return startPart(this.lab, part, further);
  }

  stop(part: Part): Promise<void> {
    this.told({ kind: 'part', part, does: 'stop' });
    return stopPart(this.lab, part);
  }

  /**
   * What catches what gets past the guard: in the data-link architecture it stands already. The original knows none, and
   * shows what comes of that.
   */
  async spreadNet(): Promise<void> {
    if (this.#netIsPlanned || this.lab.flavour !== 'ours') return;
    this.told({ kind: 'part', part: 'net', does: 'start' });
    await this.#editNet('-I');
  }

  async takeNetAway(): Promise<void> {
    if (this.#netIsPlanned) {
      await this.stop('net');
    } else if (this.lab.flavour === 'ours') {
      this.told({ kind: 'part', part: 'net', does: 'stop' });
      await this.#editNet('-D');
    }
  }

  get #netIsPlanned(): boolean {
    return stepsOf(this.lab, 'net').length > 0;
  }

  /** Behind OUTPUT, where the queue is; only what the online server itself asked for goes on. */
  async #editNet(action: '-I' | '-D'): Promise<void> {
    const { test, online } = this.scene;
    for (const address of online.addresses) {
      const responses = ['-p', 'tcp', '--sport', String(test.port), '!', '-d', address];
      const net = ['POSTROUTING', '-t', 'mangle', ...responses, '-j', 'DROP'];
      await insistOn(this.test, [iptablesOf(familyOfText(address)), action, ...net]);
    }
  }

  /** That one by whose addresses the scene knows its nodes first. */
  get family(): Family {
    return familyOfText(this.scene.test.address);
  }

  /** A line of shell for each family that is copied: `iptables …`, `ip6tables …`. */
  inTables(line: (iptables: string) => string): string {
    return this.scene.test.addresses.map((address) => line(iptablesOf(familyOfText(address)))).join(' && ');
  }

  /** Resolves when another request was copied. */
  async copies(): Promise<void> {
    const before = await this.copied();
    const deadline_ms = performance.now() + COPYING_WITHIN_MS;
    while ((await this.copied()) <= before) {
      if (performance.now() > deadline_ms)
        throw new ScenarioError(`nothing was copied within ${COPYING_WITHIN_MS} ms`);
      await this.#sleep(POLL_MS);
    }
  }

  /** Signals a program, by its name and on each node where it runs. */
  async signalProgram(program: ProgramPart, signal: ProgramSignal): Promise<void> {
    this.told({ kind: 'signal', program, signal });
    for (const node of nodesOf(this.lab, program))
      await insistOn(node, ['pkill', `-${signal}`, '-x', program]);
  }

  /** Runs a line of shell, and insists on its success. */
  async shell(node: LabNode, line: string): Promise<string> {
    this.told({ kind: 'command', node: node.name, line });
    return insistOn(node, ['sh', '-c', line]);
  }

  /** Sets a parameter of a node's kernel, which the node itself may not. */
  async kernelParameter(node: LabNode, name: string, value: string): Promise<void> {
    this.told({ kind: 'parameter', node: node.name, name, value });
    await setKernelParameter(this.lab.name, node.name, name, value);
  }

  /** Takes the guard away by a line of shell, whose clock is nearer to it than ours. */
  async loseBy(node: LabNode, line: string): Promise<void> {
    this.told({ kind: 'command', node: node.name, line });
    const [begun, done] = (await insistOn(node, ['sh', '-c', `${NOW} && ${line} && ${NOW}`]))
      .trim()
      .split('\n')
      .map(Number);
    this.moments.lost = { begun: begun!, done: done!, engine: machineOfNode(this.lab.topology)(node.name) };
    this.told({ kind: 'moment', moment: 'lost' });
  }

  /** Takes the guard away. */
  async lose(work: () => Promise<unknown>): Promise<void> {
    this.moments.lost = await this.#spanOf(work);
    this.told({ kind: 'moment', moment: 'lost' });
  }

  /** Makes everything as it should be. */
  async restore(work: () => Promise<unknown>): Promise<void> {
    this.moments.restored = await this.#spanOf(work);
    this.told({ kind: 'moment', moment: 'restored' });
  }

  async #spanOf(work: () => Promise<unknown>): Promise<Span> {
    const begun = await this.#now();
    await work();
    return { begun, done: await this.#now() };
  }

  /** The clock of the nodes is this machine's, unless they are on machines of their own. */
  async #now(): Promise<number> {
    const isHere = this.online.definition.on === undefined;
    return isHere ? Date.now() / 1000 : Number(await insistOn(this.online, ['sh', '-c', NOW]));
  }
}
