import { expectWorldsToHold } from './world/expect-worlds';

describe('in a simulated world, the other half of the seeds', () => {
  expectWorldsToHold(1, 2);
});
