import { hostsFile } from '../../../../lab/engine/nodes/neighbours';

const OF_ENGINE = '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n';

test('names that are gone go, others come, and those of the engine stay', () => {
  const text = `${OF_ENGINE}198.18.10.10\tclient\n198.18.10.11\tgone\n198.18.10.10\tclient\n`;
  const names = [
    ['client', '198.18.10.10'],
    ['new', '198.18.10.12'],
  ] as const;
  expect(hostsFile(text, ['client', 'gone'], names)).toBe(
    `${OF_ENGINE}198.18.10.10\tclient\n198.18.10.12\tnew\n`,
  );
});
