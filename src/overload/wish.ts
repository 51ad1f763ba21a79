/** What is done while clients bring more than can be copied: leave connections out, or let packets be lost. */
export type OverloadWish = 'leave-out' | 'wait';

export const asOverloadWish = (text: string): OverloadWish | undefined =>
  text === 'leave-out' || text === 'wait' ? text : undefined;
