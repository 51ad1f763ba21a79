/**
 * Who comes when. What is compared takes turns, there and back (A B B A A B …), since a machine's pace changes all the
 * time: what gets slower bit by bit weighs on all alike, and two stand next to each other in each round.
 *
 * @param round from 0
 */
export const inTurn = <T>(all: readonly T[], round: number): T[] =>
  round % 2 === 0 ? [...all] : all.toReversed();
