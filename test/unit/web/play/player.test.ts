import { setImmediate as turn } from 'node:timers/promises';
import { scenarios } from '../../../../lab/scenarios/catalogue/all';
import type { ScenarioResult } from '../../../../lab/scenarios/judgement/result';
import type { RunningLab } from '../../../../lab/engine/commands/lab';
import { Player, type PlayOne } from '../../../../lab/web/play/player';
import type { Message } from '../../../../lab/web/messages/message';
import { keptWatch, type KeptWatch } from '../world';

const lab = {} as RunningLab;
const result: ScenarioResult = {
  scenario: 'loss-1',
  round: 1,
  seed: 7,
  verdict: 'pass',
  reasons: [],
  leaked: 0,
  exposures: 0,
  missing: 2,
  doubled: 0,
  detect_ms: undefined,
  resume_ms: 12,
};

let watch: KeptWatch;
let heard: Message[];
let finish: () => void;
const kinds = (): string[] => heard.map(({ kind }) => kind);

/** One that goes on until it is told to finish, or is aborted. */
const playOne: PlayOne = async (scenario, { seed, progress, observe, signal }) => {
  await progress.step('network lan', () => Promise.resolve());
  const observer = await observe(lab, scenario, { round: 1, seed });
  observer.told({ kind: 'phase', phase: 'taps' });
  try {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      finish = resolve;
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  } finally {
    await observer.end();
  }
  return result;
};

function begin(): Player {
  watch = keptWatch();
  heard = [];
  const player = new Player(scenarios, playOne, () => Promise.resolve(watch));
  player.subscribe((message) => heard.push(message));
  return player;
}

test('a run is told from its beginning to its result, with what its lab tells meanwhile', async () => {
  const player = begin();
  player.play('loss-1', 7);
  await turn();
  watch.tell({ kind: 'mode', mode: 'flows' });
  finish();
  await player.close();
  expect(kinds().slice(0, 3)).toEqual(['run', 'setting-up', 'picture']);
  expect(kinds().slice(-3)).toEqual(['step', 'mode', 'result']);
  expect(heard.at(-1)).toMatchObject({
    result: { verdict: 'pass', figures: { missing: 2, resume_ms: 12 } },
  });
});

test('who comes later is told what went before, also when it is over', async () => {
  const player = begin();
  player.play('loss-1', 7);
  await turn();
  finish();
  await player.close();
  const late: string[] = [];
  player.subscribe(({ kind }) => late.push(kind));
  for (const kind of ['run', 'step', 'result', 'picture']) expect(late).toContain(kind);
  expect(player.exchange('online', '198.18.10.10:40000')).toBeDefined();
});

test('only one is played at a time, and only one that there is', async () => {
  const player = begin();
  expect(() => player.play('nothing', 1)).toThrow(/no scenario named nothing/);
  player.play('loss-1', 7);
  expect(() => player.play('loss-5', 7)).toThrow(/being played already/);
  await turn();
  finish();
  await player.close();
  player.play('loss-5', 8);
  expect(heard.at(-1)).toMatchObject({ kind: 'setting-up' });
  await player.close();
});

test('one that is stopped says so, and its watch is ended before its lab is', async () => {
  const player = begin();
  let ended = false;
  watch.close = () => Promise.resolve(void (ended = true));
  player.play('loss-1', 7);
  await turn();
  player.stop();
  await player.close();
  expect(heard.at(-1)).toEqual({ kind: 'broken-off', why: 'It was stopped.' });
  expect(ended).toBe(true);
});

test('what goes wrong is told as it is', async () => {
  heard = [];
  const failing: PlayOne = () => Promise.reject(new Error('no room for another lab'));
  const player = new Player(scenarios, failing, () => Promise.resolve(keptWatch()));
  player.subscribe((message) => heard.push(message));
  player.play('loss-1', 7);
  await turn();
  expect(heard.at(-1)).toEqual({ kind: 'broken-off', why: 'no room for another lab' });
});
