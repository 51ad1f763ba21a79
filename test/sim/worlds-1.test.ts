import { expectWorldsToHold } from './world/expect-worlds';

describe('in a simulated world, half of the seeds', () => {
  expectWorldsToHold(0, 2);
});
