import { FOLLOWED_WITHIN_MS, follower, pageOf } from './follow-page';
import { firstExercises } from './readme-commands';

const follow = follower('e2e-exercises');

test.each(firstExercises)(
  'the commands of %s do what it says, and print what it shows',
  async (file) => {
    await follow(await pageOf(file));
  },
  FOLLOWED_WITHIN_MS,
);
