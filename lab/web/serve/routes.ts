/** What the page asks for, by method and path, and how it is answered: with data, or with an error that has a `code`. */
import { randomInt } from 'node:crypto';
import type { Playing, Teaching, Watched } from '../messages/watched';
import {
  languageFrom,
  languageWantedFrom,
  lessonWantedFrom,
  playWantedFrom,
  requestPostedFrom,
} from './wanted';

export interface Sources {
  readonly watched: Watched;
  readonly playing: Playing;
  readonly teaching: Teaching;
}

export interface Asked {
  readonly query: URLSearchParams;
  /** Empty where none was sent. */
  readonly body: string;
}

/** @throws whatever is wrong, as a value of this file's errors or of whoever was asked */
export type Route = (asked: Asked) => unknown;

/** What was asked for cannot be read. */
export class UnusableError extends Error {
  readonly code = 'REQUEST_UNUSABLE';
}

/** There is nothing of the kind, or no more. */
export class MissingError extends Error {
  readonly code = 'NOT_KEPT';
}

/** By `<method> <path>`. */
export function routesOf({ watched, playing, teaching }: Sources): ReadonlyMap<string, Route> {
  const places: Readonly<Record<string, Pick<Watched, 'exchange'>>> = {
    lab: watched,
    run: playing,
    lesson: teaching,
  };
  const senders = { lab: watched, lesson: teaching };
  return new Map<string, Route>([
    [
      'GET /exchange',
      ({ query }) => {
        const from = places[query.get('of') ?? 'lab'];
        const exchange = from?.exchange(query.get('copy') ?? '', query.get('client') ?? '');
        if (exchange) return exchange;
        throw new MissingError('Its frames are not kept any more.');
      },
    ],
    ['POST /request', read(requestPostedFrom, ({ of, ...wanted }) => senders[of].send(wanted))],
    ['GET /scenarios', () => playing.scenarios],
    [
      'POST /play',
      read(playWantedFrom, ({ scenario, seed = randomInt(1, 1_000_000) }) => {
        playing.play(scenario, seed);
        return { scenario, seed };
      }),
    ],
    [
      'POST /stop',
      () => {
        playing.stop();
        return {};
      },
    ],
    ['GET /lessons', ({ query }) => teaching.rows(languageFrom(query.get('language')))],
    ['GET /lesson', ({ query }) => teaching.step(languageFrom(query.get('language'))) ?? null],
    ['POST /lesson', read(lessonWantedFrom, (wanted) => teaching.open(wanted))],
    ['POST /lesson/check', read(languageWantedFrom, (language) => teaching.check(language))],
    ['POST /lesson/help', read(languageWantedFrom, (language) => teaching.help(language))],
    [
      'POST /lesson/leave',
      async () => {
        await teaching.leave();
        return {};
      },
    ],
  ]);
}

/** @param wantedFrom throws what is wrong with it, in words */
const read =
  <Wanted>(wantedFrom: (text: string) => Wanted, work: (wanted: Wanted) => unknown): Route =>
  ({ body }) => {
    let wanted;
    try {
      wanted = wantedFrom(body);
    } catch (failure) {
      throw new UnusableError((failure as Error).message);
    }
    return work(wanted);
  };
