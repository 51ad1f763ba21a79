/** Looks on at scenarios that are played, and records each. */
import type { ScenarioEvidence } from '../../scenarios/judgement/evidence';
import type { Observe } from '../../scenarios/stage/observer';
import type { ScenarioResult } from '../../scenarios/judgement/result';
import type { RunBegun } from '../messages/run';
import type { Recording } from '../messages/recording';
import type { Watched } from '../messages/watched';
import { begunOf, resultMessage } from '../play/run-messages';
import { Recorder } from './recorder';
import { requestsOf } from './requests';

export class ScenarioRecorder {
  readonly recordings: Recording[] = [];
  #under: { run: RunBegun; recorder: Recorder; watched: Watched } | undefined;

  /** @param watch begins to watch a lab */
  constructor(private readonly watch: (lab: Parameters<Observe>[0]) => Promise<Watched>) {}

  readonly observe: Observe = async (lab, scenario, { seed }) => {
    const watched = await this.watch(lab);
    const recorder = new Recorder();
    const run = begunOf(scenario, seed, lab.flavour);
    recorder.hear({ kind: 'run', run });
    const end = watched.subscribe((message) => recorder.hear(message));
    this.#under = { run, recorder, watched };
    return {
      told: (step) => recorder.hear({ kind: 'step', at_ms: Date.now(), step }),
      async end() {
        end();
        await watched.close();
      },
    };
  };

  /** To be called when one is over. */
  readonly onResult = (result: ScenarioResult, evidence: ScenarioEvidence | undefined): void => {
    if (!this.#under) return;
    const { run, recorder, watched } = this.#under;
    this.#under = undefined;
    recorder.hear(resultMessage(result));
    const profiles = [evidence?.steady, evidence?.after].flatMap((load) => load?.profile ?? []);
    const exchangeOf = watched.exchange.bind(watched);
    this.recordings.push(recorder.finish(run, profiles.flatMap(requestsOf), exchangeOf));
  };
}
