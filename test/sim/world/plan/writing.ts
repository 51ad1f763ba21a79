/** Worlds whose test server answers in writes of any sizes and at any times, stalls, and closes connections behind a few answers. */
import type { AnswerPiece } from './manners';
import type { ExchangePlan, ServerBehaviour, WorldPlan } from './plan';
import { Random } from './random';
import { stallingPlan } from './stalling';

/** How long its answers are: by how much they differ from the online server's, of so many bytes. */
type Length = (online_bytes: number, random: Random) => number;

const LENGTHS = {
  alike: () => 0,
  /** The same more, or less, each time. */
  longer: () => 700,
  shorter: (online_bytes) => -Math.ceil(online_bytes / 3),
  'much longer': (online_bytes) => online_bytes * 3,
  /** Never shorter. */
  'longer each time otherwise': (_, random) => random.between(0, 1500),
  'any length': (online_bytes, random) => random.between(1 - online_bytes, 1500),
} satisfies Record<string, Length>;

export type LengthName = keyof typeof LENGTHS;
export const LENGTH_NAMES = Object.keys(LENGTHS) as LengthName[];

/** Writes of an answer at the most, and the longest of pauses between two of them. */
const WRITES_MAX = 4;
const PAUSES_MS = [0, 0.5, 5, 50];

export function writingPlan(seed: number, length?: LengthName): WorldPlan {
  const plan = stallingPlan(seed);
  const random = new Random(seed ^ 0x3217e);
  const lengthOf: Length = LENGTHS[length ?? random.pick(LENGTH_NAMES)];
  const [writes, isFixed] = [random.between(1, WRITES_MAX), random.chance(0.3)];
  const pause_ms = random.pick(PAUSES_MS);
  const otherwise = (exchange: ExchangePlan): ExchangePlan => {
    const { response_bytes, testThinks_ms } = exchange;
    const testDiffers_bytes = lengthOf(response_bytes, random);
    const sizes = cut(
      response_bytes + testDiffers_bytes,
      isFixed ? writes : random.between(1, writes),
      random,
    );
    const testWrites = sizes.map((bytes, place): AnswerPiece => ({
      bytes,
      after_ms: place === 0 ? testThinks_ms : random.next() * pause_ms,
    }));
    return { ...exchange, testDiffers_bytes, testWrites };
  };
  const server: ServerBehaviour = {
    ...plan.server,
    manner: {
      kind: 'closes',
      behind: random.between(2, 12),
      late_ms: random.pick([0, 0, 1]),
      then: random.pick(['discards', 'breaks']),
    },
    sendBuffer_bytes: random.chance(0.3) ? random.between(1500, 6000) : undefined,
  };
  return {
    ...plan,
    server,
    connections: plan.connections.map((one) => ({ ...one, exchanges: one.exchanges.map(otherwise) })),
  };
}

/** Parts of any sizes, none of them empty. */
function cut(total_bytes: number, parts: number, random: Random): number[] {
  const marks = Array.from({ length: Math.min(parts, total_bytes) - 1 }, () =>
    random.between(1, total_bytes - 1),
  );
  const edges = [0, ...new Set(marks), total_bytes].toSorted((a, b) => a - b);
  return edges.slice(1).map((edge, index) => edge - edges[index]!);
}
