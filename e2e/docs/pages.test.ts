import { FOLLOWED_WITHIN_MS, follower, pageOf } from './follow-page';
import { furtherPages } from './readme-commands';

const follow = follower('e2e-pages');

test.each(furtherPages)(
  'the commands of %s do what it says, and print what it shows',
  async (file) => {
    await follow(await pageOf(file));
  },
  FOLLOWED_WITHIN_MS,
);
