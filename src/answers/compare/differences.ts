/** What differs between two responses, as a person may see it: ignored and redacted by rule, cut short, bounded in number. */
import { wordsIn } from './words';
import type { Rules } from './rules';

export interface Difference {
  /** Where, as in `json:$.items[*].id`; the same of all responses. */
  readonly place: string;
  /** What is wrong on the test side. */
  readonly kind:
    | 'changed'
    | 'missing'
    | 'added'
    | 'shorter'
    | 'longer'
    | 'type'
    | 'broke off'
    | 'unreadable'
    | 'no answer'
    | 'not expected';
  /** To be shown; undefined where there is nothing. */
  readonly online: string | undefined;
  readonly test: string | undefined;
}

export interface DifferenceRules {
  readonly ignore: Rules;
  readonly redact: Rules;
}

/** Of one pair of responses; those beyond are one. */
const FOUND_MAX = 64;
export const OTHER_PLACES = 'other places';
const SHOWN_CHARACTERS = 200;
const WORDS_MAX = 256;

/** What stands at a place: as it is, for words that are looked for, and as it is shown, which may have hidden a part. */
export interface Shown {
  readonly raw: string;
  readonly shown?: string;
}

export class Differences {
  readonly #found = new Map<string, Difference>();
  /** By rule: how many places. */
  readonly ignored = new Map<string, number>();
  /** Words that only the online server's answer has, at places that differ, ignored or not; and where. */
  readonly onlyOnline = new Map<string, string>();

  constructor(readonly rules: DifferenceRules) {}

  /** The first of each kind at each place: of a list's items there is one place for all. */
  get found(): Difference[] {
    return [...this.#found.values()];
  }

  /** @param kind by default as it follows from what is there */
  add(place: string, online: Shown | undefined, test: Shown | undefined, kind?: Difference['kind']): void {
    this.#learn(place, online?.raw ?? '', test?.raw ?? '');
    const ignoredBy = this.rules.ignore.at(place);
    if (ignoredBy !== undefined) {
      this.ignored.set(ignoredBy, (this.ignored.get(ignoredBy) ?? 0) + 1);
      return;
    }
    const sort = kind ?? (online ? (test ? 'changed' : 'missing') : 'added');
    const key = `${place} ${sort}`;
    if (this.#found.has(key)) return;
    if (this.#found.size < FOUND_MAX)
      this.#found.set(key, {
        place,
        kind: sort,
        online: this.#shown(place, online),
        test: this.#shown(place, test),
      });
    else
      this.#found.set(OTHER_PLACES, {
        place: OTHER_PLACES,
        kind: 'changed',
        online: undefined,
        test: undefined,
      });
  }

  #shown(place: string, what: Shown | undefined): string | undefined {
    if (!what) return undefined;
    return this.rules.redact.at(place) === undefined ? cut(what.shown ?? what.raw) : HIDDEN;
  }

  #learn(place: string, online: string, test: string): void {
    if (this.onlyOnline.size > WORDS_MAX) return;
    const others = new Set(wordsIn(test));
    for (const word of wordsIn(online)) if (!others.has(word)) this.onlyOnline.set(word, place);
  }
}

/** In the place of what a rule hides. */
export const HIDDEN = '(redacted)';

export const cut = (text: string): string =>
  text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)} … (${text.length} characters)`;
