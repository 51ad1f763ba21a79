/** Plays scenarios for the page, one at a time, each in a lab of its own that is watched meanwhile. */
import { reasonOf } from '../../engine/docker/errors';
import { inWords, type Progress } from '../../engine/docker/progress';
import type { Observe } from '../../scenarios/stage/observer';
import type { Scenario } from '../../scenarios/stage/scenario';
import type { ScenarioResult } from '../../scenarios/judgement/result';
import { Audience, type Listener } from '../messages/audience';
import type { Exchange } from '../messages/frame';
import type { PlayableScenario, RunMessage } from '../messages/run';
import type { Playing, Watched } from '../messages/watched';
import { begunOf, resultMessage } from './run-messages';

/** Plays one scenario to its end. */
export type PlayOne = (
  scenario: Scenario,
  options: {
    readonly seed: number;
    readonly progress: Progress;
    readonly observe: Observe;
    readonly signal: AbortSignal;
  },
) => Promise<ScenarioResult>;

export class PlayError extends Error {
  constructor(
    readonly code: 'SCENARIO_UNKNOWN' | 'PLAYING_ALREADY',
    message: string,
  ) {
    super(message);
    this.name = 'PlayError';
  }
}

export class Player implements Playing {
  readonly scenarios: readonly PlayableScenario[];
  readonly #audience = new Audience();
  /** Of the last run, but for what its watch has told. */
  #told: RunMessage[] = [];
  #watched: Watched | undefined;
  #abort: AbortController | undefined;
  #under: Promise<void> = Promise.resolve();

  /** @param watch begins to watch a lab */
  constructor(
    private readonly catalogue: readonly Scenario[],
    private readonly playOne: PlayOne,
    private readonly watch: (lab: Parameters<Observe>[0]) => Promise<Watched>,
  ) {
    this.scenarios = catalogue.map(({ name, architecture, title, teaches }) => ({
      name,
      architecture,
      title,
      teaches,
    }));
  }

  subscribe(listener: Listener): () => void {
    this.#told.forEach(listener);
    // What it told before; what it tells from now on comes with everybody's.
    this.#watched?.subscribe(listener)();
    return this.#audience.join(listener);
  }

  play(name: string, seed: number): void {
    const scenario = this.catalogue.find((one) => one.name === name);
    if (!scenario) throw new PlayError('SCENARIO_UNKNOWN', `There is no scenario named ${name}.`);
    if (this.#abort) throw new PlayError('PLAYING_ALREADY', 'A scenario is being played already.');
    const abort = new AbortController();
    this.#abort = abort;
    this.#told = [];
    this.#watched = undefined;
    this.#tell({ kind: 'run', run: begunOf(scenario, seed, 'ours') });
    this.#under = this.#play(scenario, seed, abort.signal).finally(() => (this.#abort = undefined));
  }

  stop(): void {
    this.#abort?.abort(new Error('It was stopped.'));
  }

  exchange(copy: string, client: string): Exchange | undefined {
    return this.#watched?.exchange(copy, client);
  }

  /** Resolves when the lab of the run is gone. */
  async close(): Promise<void> {
    this.stop();
    await this.#under;
  }

  async #play(scenario: Scenario, seed: number, signal: AbortSignal): Promise<void> {
    const progress = inWords((what) => this.#tell({ kind: 'setting-up', what }));
    const observe: Observe = async (lab) => {
      const watched = await this.watch(lab);
      this.#watched = watched;
      const end = watched.subscribe((message) => this.#audience.tell(message));
      return {
        told: (step) => this.#tell({ kind: 'step', at_ms: Date.now(), step }),
        async end() {
          end();
          await watched.close();
        },
      };
    };
    try {
      this.#tell(resultMessage(await this.playOne(scenario, { seed, progress, observe, signal })));
    } catch (failure) {
      this.#tell({ kind: 'broken-off', why: signal.aborted ? 'It was stopped.' : reasonOf(failure) });
    }
  }

  #tell(message: RunMessage): void {
    this.#told.push(message);
    this.#audience.tell(message);
  }
}
