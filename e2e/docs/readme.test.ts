import { FOLLOWED_WITHIN_MS, follower, pageOf } from './follow-page';

const follow = follower('e2e-readme');

test('both READMEs give the same commands, files and outputs, in the same order', async () => {
  const [english, chinese] = await Promise.all(['README.md', 'README.zh-CN.md'].map(pageOf));
  expect(chinese).toEqual(english);
});

test(
  'the commands of README.md do what it says, and print what it shows',
  async () => {
    await follow(await pageOf('README.md'));
  },
  FOLLOWED_WITHIN_MS,
);
