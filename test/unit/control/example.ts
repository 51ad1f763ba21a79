/** A reply on a connection, for tests of what brings it. */
import type { Reply, Route } from '../../../src/wire/reply';

export const replyOn = (route: Route): Reply => ({
  ...route,
  sequence: 5,
  acknowledgment: 6,
  flags: 16,
  window: 7,
  payloadLength: 8,
  maximumSegmentSize: undefined,
  windowScale: undefined,
  at_ms: 5,
});
