/** What a filter's further program needs of a segment that was let in: a number by its client's endpoint, and where it goes on. */
import { SPREAD_STEPS } from '../../wire/spread';
import type { Family } from '../../wire/address/address';
import { LAYOUTS } from './segment-filter';
import { assemble, CODE, disassemble, instruction, type Instruction } from './classic-bpf';

/** Where the port stands behind X, and the address, of the end that is a client's. */
const ENDS = {
  source: { port: 0, word: 'sourceWord' },
  destination: { port: 2, word: 'destinationWord' },
} as const;
export type ClientEnd = keyof typeof ENDS;

/**
 * What the filter lets in goes on to `more`, unless it is no TCP, has no ports because it is a later fragment, or has headers
 * between IP and TCP: those are decided about behind the filter.
 */
export function append(
  filter: Uint8Array,
  family: Family,
  otherwise_bytes: number,
  more: readonly Instruction[],
): Uint8Array {
  const before = disassemble(filter);
  const after: Instruction[] = [
    ...LAYOUTS[family].isPlainSegment([instruction(CODE.return, otherwise_bytes)]),
    ...more,
  ];
  const redirected = before.map((one, index) =>
    one.code === CODE.return && one.k > 0 ? instruction(CODE.jump, before.length - index - 1) : one,
  );
  return assemble([...redirected, ...after]);
}

/** A = spread(A), as src/wire/spread.ts has it; takes X. */
export const SPREAD: readonly Instruction[] = SPREAD_STEPS.flatMap(({ shift, factor }) => [
  instruction(CODE.toIndex),
  instruction(CODE.shiftRight, shift),
  instruction(CODE.xorIndex),
  instruction(CODE.multiply, factor),
]);

/** A = the upper half of A, scaled to 0 to `count` - 1. */
export const scaledTo = (count: number): readonly Instruction[] => [
  instruction(CODE.shiftRight, 16),
  instruction(CODE.multiply, count),
  instruction(CODE.shiftRight, 16),
];

/**
 * A = spread(client's address) + its port * factor, scaled: `bucketOf`, and `workerOf` (src/wire/tables).
 *
 * @param place of M, which is taken
 * @param end of the segment that is the client's
 */
export const clientHash = (
  family: Family,
  factor: number,
  count: number,
  place: number,
  end: ClientEnd = 'source',
): readonly Instruction[] => [
  ...LAYOUTS[family][ENDS[end].word],
  ...SPREAD,
  instruction(CODE.store, place),
  ...LAYOUTS[family].toSegment,
  instruction(CODE.loadHalfIndexed, ENDS[end].port),
  instruction(CODE.multiply, factor),
  instruction(CODE.loadIndexMemory, place),
  instruction(CODE.addIndex),
  ...scaledTo(count),
];
