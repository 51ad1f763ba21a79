/**
 * What of a filtered port's segments is let in, by the bucket of their connection (src/wire/bucket.ts): what nobody wants, or
 * this machine has no room for, is left out by the kernel, and costs nothing more.
 */
import { BUCKETS, PORT_FACTOR, type BucketState, type BucketStates } from '../../wire/tables/bucket';
import { SYN } from '../../wire/tcp';
import type { Family } from '../../wire/address/address';
import { LAYOUTS } from './segment-filter';
import { branch, CODE, instruction, WHOLE_PACKET, type Instruction } from './classic-bpf';
import { append, clientHash } from './client-hash';

/** Nothing is read of what is only counted. */
const ONE_BYTE = 1;
const TCP_FLAGS = 13;
/** Places of M. */
const BUCKET = 0;
const SPREAD_ADDRESS = 1;

const WORD_BITS = 32;

/** @param filter classic BPF for packets of one family @returns one that lets in of the same what the states say */
export function limitToBuckets(filter: Uint8Array, states: BucketStates, family: Family): Uint8Array {
  if (states.every((state) => state === 'open')) return filter;
  const beginnings = wordsOf(states, (state) => state === 'open');
  const others = wordsOf(states, (state) => state === 'open' || state === 'closing');
  const same = beginnings.every((word, index) => word === others[index]);
  return append(filter, family, WHOLE_PACKET, [
    ...bucketOfPacket(family),
    ...(same ? [] : ofBeginnings(family, lookUp(beginnings, WHOLE_PACKET))),
    ...lookUp(others, WHOLE_PACKET),
  ]);
}

/** Its connections are wanted, and not copied. */
export const isLeftOut = (state: BucketState): boolean => state === 'closing' || state === 'closed';

/** The same for the beginnings (SYN) of those connections only that are wanted, and left out; a byte of each. */
export function limitToLeftOut(filter: Uint8Array, states: BucketStates, family: Family): Uint8Array {
  const leftOut = wordsOf(states, isLeftOut);
  return append(filter, family, 0, [
    ...bucketOfPacket(family),
    ...ofBeginnings(family, lookUp(leftOut, ONE_BYTE)),
    instruction(CODE.return, 0),
  ]);
}

/** M[BUCKET] = bucketOf(source address, source port). */
const bucketOfPacket = (family: Family): readonly Instruction[] => [
  ...clientHash(family, PORT_FACTOR, BUCKETS, SPREAD_ADDRESS),
  instruction(CODE.store, BUCKET),
];

/** Decides of a beginning; what is none goes on behind that. */
const ofBeginnings = (family: Family, decides: readonly Instruction[]): readonly Instruction[] => [
  ...LAYOUTS[family].toSegment,
  instruction(CODE.loadByteIndexed, TCP_FLAGS),
  branch(CODE.jumpSet, SYN, 0, decides.length),
  ...decides,
];

/** A bit for each bucket. */
function wordsOf(states: BucketStates, isIn: (state: BucketState) => boolean): number[] {
  const words = Array.from({ length: Math.ceil(BUCKETS / WORD_BITS) }, () => 0);
  states.forEach((state, bucket) => {
    if (isIn(state)) words[Math.floor(bucket / WORD_BITS)]! |= 1 << (bucket % WORD_BITS);
  });
  return words;
}

/** Lets the packet in if the bit of its bucket is set, else keeps it out. */
function lookUp(words: readonly number[], letIn_bytes: number): readonly Instruction[] {
  const load = words.flatMap((word, index) => {
    const behind = 2 * (words.length - index - 1);
    return [instruction(CODE.loadConstant, word), instruction(CODE.jump, behind)];
  });
  // From the last word on: whoever is not below its first bucket is in it.
  const choose = words.map((_, index) => {
    const word = words.length - 1 - index;
    const loadAt = words.length - 1 - index + 2 * word;
    return branch(CODE.jumpNotBelow, word * WORD_BITS, loadAt, 0);
  });
  return [
    instruction(CODE.loadMemory, BUCKET),
    instruction(CODE.and, WORD_BITS - 1),
    instruction(CODE.toIndex),
    instruction(CODE.loadMemory, BUCKET),
    ...choose,
    ...load,
    instruction(CODE.shiftRightIndex),
    branch(CODE.jumpSet, 1, 0, 1),
    instruction(CODE.return, letIn_bytes),
    instruction(CODE.return, 0),
  ];
}
