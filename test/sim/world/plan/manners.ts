/**
 * How a simulated test server behaves where the online server does not: what its program answers, how it pauses, and how it
 * ends connections. Written without any knowledge of what the engine makes of it.
 */
import type { Random } from './random';

export type AfterClosing = 'resets' | 'breaks' | 'discards' | 'carries-out';

export type Manner =
  | { readonly kind: 'alike' }
  /** Answers of so many bytes, at once. */
  | { readonly kind: 'short'; readonly bytes: number }
  /** Answers so many times as long. */
  | { readonly kind: 'long'; readonly times: number }
  /** Only acknowledges. */
  | { readonly kind: 'silent' }
  /** Every so many-th answer comes later by that. */
  | { readonly kind: 'late'; readonly every: number; readonly by_ms: number }
  /** Answers in pieces, with pauses between them. */
  | { readonly kind: 'pieces'; readonly pause_ms: number }
  /** Says something unasked, again and again, and does not answer. */
  | { readonly kind: 'pushes'; readonly bytes: number; readonly every_ms: number }
  /** Greets whoever connects. */
  | { readonly kind: 'greets'; readonly bytes: number }
  /** Every second answer is short, every third is missing. */
  | { readonly kind: 'alternates' }
  /**
   * Closes each connection behind so many answers: what comes then it resets, reads and throws away, or reads and carries out;
   * `breaks`: it resets at once where something came that it has not read, as a kernel does, and else what comes then.
   */
  | {
      readonly kind: 'closes';
      readonly behind: number;
      readonly late_ms: number;
      readonly then: AfterClosing;
    }
  /** Carries a request out, and dies before it answers: now and then, behind so many answers. */
  | {
      readonly kind: 'dies';
      readonly behind: number;
      readonly how: 'fin' | 'reset' | 'bare-reset';
    }
  /** Its end, behind so many answers, does not arrive; it is heard of no more for so long, and then it is gone. */
  | { readonly kind: 'ends-unheard'; readonly behind: number; readonly for_ms: number };

export type MannerKind = Manner['kind'];

export const ALIKE: Manner = { kind: 'alike' };

const DRAWS: Readonly<Record<MannerKind, (random: Random) => Manner>> = {
  alike: () => ALIKE,
  short: (random) => ({ kind: 'short', bytes: random.between(1, 20) }),
  long: (random) => ({ kind: 'long', times: 1 + random.next() * 3 }),
  silent: () => ({ kind: 'silent' }),
  late: () => ({ kind: 'late', every: 10, by_ms: 300 }),
  pieces: (random) => ({ kind: 'pieces', pause_ms: random.between(40, 400) }),
  pushes: (random) => ({
    kind: 'pushes',
    bytes: random.between(1, 600),
    every_ms: random.pick([3, 20, 100]),
  }),
  greets: (random) => ({ kind: 'greets', bytes: random.between(1, 300) }),
  alternates: () => ({ kind: 'alternates' }),
  closes: (random) => ({
    kind: 'closes',
    behind: random.between(1, 5),
    late_ms: random.pick([0, 0, 1, 10]),
    then: random.pick(['resets', 'resets', 'discards', 'carries-out']),
  }),
  dies: (random) => ({
    kind: 'dies',
    behind: random.between(0, 5),
    how: random.pick(['fin', 'reset', 'bare-reset']),
  }),
  'ends-unheard': (random) => ({
    kind: 'ends-unheard',
    behind: random.between(1, 5),
    for_ms: random.pick([100, 1000, 10_000]),
  }),
};

export const MANNER_KINDS = Object.keys(DRAWS) as MannerKind[];

export const drawManner = (random: Random): Manner => DRAWS[random.pick(MANNER_KINDS)](random);

/** Manners by which no connection ends before its client does: everything arrives, and nothing is in doubt. */
const KEEPS: ReadonlySet<MannerKind> = new Set([
  'alike',
  'short',
  'long',
  'silent',
  'late',
  'pieces',
  'pushes',
  'greets',
  'alternates',
]);

export const keepsConnections = ({ kind }: Manner): boolean => KEEPS.has(kind);

/** What was in flight when it ended a connection may have been carried out, for all that anybody can see. */
export function leavesDoubt(manner: Manner): boolean {
  return (
    manner.kind === 'dies' ||
    manner.kind === 'ends-unheard' ||
    (manner.kind === 'closes' && manner.then !== 'resets')
  );
}

/** One piece of an answer: how much, and how long behind the one before. */
export interface AnswerPiece {
  readonly bytes: number;
  readonly after_ms: number;
}

/**
 * What the program answers.
 *
 * @param plain the answer of a server that is like the online one, in its pieces @param place which request of the
 * connection this is @param answered how many this server has answered so far, on all connections
 */
export function answerOf(
  manner: Manner,
  plain: readonly AnswerPiece[],
  place: number,
  answered: number,
): readonly AnswerPiece[] {
  const [first] = plain;
  if (!first) return plain;
  const whole = plain.reduce((sum, { bytes }) => sum + bytes, 0);
  switch (manner.kind) {
    case 'short':
      return [{ bytes: manner.bytes, after_ms: first.after_ms }];
    case 'long':
      return plain.map((piece) => ({ ...piece, bytes: Math.ceil(piece.bytes * manner.times) }));
    case 'silent':
    case 'pushes':
      return [];
    case 'late':
      return (answered + 1) % manner.every === 0
        ? [{ ...first, after_ms: first.after_ms + manner.by_ms }, ...plain.slice(1)]
        : plain;
    case 'pieces':
      if (whole < 2) return plain;
      return [
        { bytes: Math.ceil(whole / 2), after_ms: first.after_ms },
        { bytes: Math.floor(whole / 2), after_ms: manner.pause_ms },
      ];
    case 'alternates':
      if (place % 3 === 2) return [];
      return place % 2 === 1 ? [{ bytes: 1, after_ms: first.after_ms }] : plain;
    case 'alike':
    case 'greets':
    case 'closes':
    case 'dies':
    case 'ends-unheard':
      return plain;
  }
}
