/**
 * A comparison from beginning to end: exchanges of both sides, and of a reference, come in as they are read; pairs are found, compared and
 * counted. No I/O, and no clock but that of the captures.
 */
import { Carried } from '../compare/carried';
import { compareExchanges, type CompareOptions } from '../compare/compare';
import { Matching, type MatchingOptions, type Pair } from '../compare/matching';
import type { Exchange } from '../reading/exchange';
import { Durations } from './durations';
import { LearnedRoutes } from './learned-routes';
import { Repeats } from './repeats';
import { requestText, routeOf, routeText, type Route } from './route';
import { increase, Tally } from './tally';

export interface ComparisonOptions extends CompareOptions, MatchingOptions {
  /** There is another server that is known to answer as the online server does. */
  readonly hasReference: boolean;
  /** Differences in time that are less are never told. */
  readonly margin_ms?: number;
}

/** Routes that are kept apart before it is looked which of them are one. */
const ROUTES_MAX = 500;
/** And if there is no end to them. */
const OTHERS: Route = { head: 'others', segments: [], separator: '' };

export interface RouteTally {
  readonly route: Route;
  readonly tally: Tally;
}

export class Comparison {
  readonly tests: Matching;
  readonly references: Matching;
  readonly exchanges = { online: 0, test: 0, reference: 0 };
  readonly pairsBy = { sequence: 0, order: 0 };
  /** Answers of the online server to the same request that were held against each other, and those of both against the reference's. */
  readonly learnedFrom = { repeats: 0, reference: 0 };
  /** A kernel accepts a connection by itself, and at once: what that seems to take is how late the test side's times are. */
  readonly late = new Durations();
  /** Places that rules took away, by rule. */
  readonly ignored = new Map<string, number>();
  readonly #routes = new Map<string, RouteTally>();
  readonly #folds = new LearnedRoutes();
  readonly #carried = new Carried();
  readonly #repeats = new Repeats();
  /** Nothing could be put together any more. */
  #isFull = false;

  constructor(readonly options: ComparisonOptions) {
    this.tests = new Matching(options, (pair) => this.#compare(pair));
    this.references = new Matching(options, ({ online, test }) => {
      this.learnedFrom.reference += 1;
      this.#learn(online, test);
      this.#tallyOf(online).timeReference(online, test);
    });
  }

  add(side: 'online' | 'test' | 'reference', exchange: Exchange): void {
    this.exchanges[side] += 1;
    if (side === 'test' && exchange.accepted_s !== undefined) this.late.note(1000 * exchange.accepted_s);
    if (side === 'test') this.tests.add('test', exchange);
    else if (side === 'reference') this.references.add('test', exchange);
    else {
      const before = this.#repeats.note(exchange);
      if (before) {
        this.learnedFrom.repeats += 1;
        this.#learn(before, exchange);
      }
      this.tests.add('online', exchange);
      if (this.options.hasReference) this.references.add('online', exchange);
    }
  }

  /** What had come before this was called last, and has no partner, will have none. */
  settle(): void {
    this.references.settle();
    this.tests.settle();
    this.#gather();
  }

  /** Nothing more comes. */
  end(): void {
    this.references.end();
    this.tests.end();
    this.#gather();
  }

  /** Each route as it is known by now. */
  routes(): RouteTally[] {
    return [...this.#routes.values()];
  }

  #compare({ online, test, by }: Pair): void {
    this.pairsBy[by] += 1;
    const tally = this.#tallyOf(online);
    const { differences, verdict } = compareExchanges(online, test, this.options);
    tally.time(online, test);
    for (const [rule, count] of differences.ignored) increase(this.ignored, rule, count);
    const carriedFrom = this.#carried.placeIn(online);
    if (verdict === 'unjudged') tally.unjudged += 1;
    else if (verdict === 'same') tally.same(carriedFrom !== undefined);
    else {
      // Whatever a request carries, it is to be answered.
      const isAnswered = !differences.found.some(({ place }) => place === 'answer');
      const request = requestText(online.request, this.options.rules.redact);
      const example = { request, client: online.client, asked_s: online.requested_s };
      tally.differs(differences.found, example, isAnswered ? carriedFrom : undefined);
    }
    this.#carried.learn(online, differences.onlyOnline);
  }

  #learn(one: Exchange, other: Exchange): void {
    const { differences, verdict } = compareExchanges(one, other, this.options);
    if (verdict !== 'unjudged') this.#tallyOf(one).learn(differences.found);
  }

  #tallyOf({ request }: Exchange): Tally {
    const route = this.#folds.fold(routeOf(request));
    const name = routeText(route);
    const known = this.#routes.get(name);
    if (known) return known.tally;
    if (this.#routes.size < ROUTES_MAX) return this.#put(name, route);
    if (!this.#isFull) this.#gather();
    this.#isFull = this.#routes.size >= ROUTES_MAX;
    if (this.#isFull) return this.#put(OTHERS.head, OTHERS);
    const now = this.#folds.fold(route);
    return this.#put(routeText(now), now);
  }

  #put(name: string, route: Route): Tally {
    const known = this.#routes.get(name)?.tally;
    if (known) return known;
    const tally = new Tally();
    this.#routes.set(name, { route, tally });
    return tally;
  }

  /** Puts together what has turned out to be one route. */
  #gather(): void {
    const all = this.routes();
    if (!this.#folds.learn(all.map(({ route }) => route))) return;
    this.#routes.clear();
    for (const { route, tally } of all) {
      const name = routeText(this.#folds.fold(route));
      const known = this.#routes.get(name);
      if (known) known.tally.add(tally);
      else this.#routes.set(name, { route: this.#folds.fold(route), tally });
    }
  }
}
