/** tcpcopy's counters that tell why something was not copied, by what had happened. */

/** Nothing could be sent, or not yet again. */
export const UNARMED = [
  'segments_dropped_not-armed',
  'segments_dropped_not-joined',
  'segments_dropped_given-up',
  'requests_given_up_disarmed',
] as const;

/** The test server did not take it. */
export const REFUSED = [
  'segments_dropped_given-up',
  'requests_given_up_test-refused',
  'requests_given_up_test-reset',
  'requests_given_up_test-silent',
  'requests_given_up_test-unreachable',
  'requests_given_up_test-unanswered',
] as const;

/** tcpcopy itself did not run for a while, and the kernel kept only so much for it. */
export const ASLEEP = [...UNARMED, 'capture_kernel_dropped', 'requests_given_up_capture-hole'] as const;
