import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { join } from 'node:path';
import { defineTopology, findLabs, startLab, type ImageServer, type WrittenServer } from '../../lab/library';
import { mangle } from '../stage/mangle';
import { sharedLab } from '../stage/shared-lab';
import { expectReasons, messageOf, verify } from '../stage/verify-support';

const NAME = 'e2e-service';
const PORT = 8000;

/** A shop with its store on each side, and three clients one after the other. */
const shop = (test: WrittenServer) => {
  const compose = {
    compose: './compose/compose.yml',
    service: 'web',
    port: PORT,
    ready: { http: '/health' },
  };
  const node = { network: 'lan' } as const;
  return defineTopology({
    name: NAME,
    description: 'A shop that is copied with its store.',
    networks: { lan: { subnet: '198.18.51.0/24', internal: true } },
    nodes: {
      client: { ...node, role: 'client', address: '198.18.51.10' },
      online: { ...node, role: 'online', address: '198.18.51.20', server: compose },
      test: { ...node, role: 'test', address: '198.18.51.30', server: test },
    },
    // By raw IP, which the online server's own rules reach.
    copies: [{ architecture: 'traditional', from: 'online', to: 'test', tcpcopy: ['--io', 'packages'] }],
    load: {
      run: [
        'sh',
        '-c',
        `for word in one two six; do curl -sS -d "a word: $word." http://online:${PORT}/; done`,
      ],
      node: 'client',
    },
  });
};
const folder = join(import.meta.dirname, 'service');
const composed = shop({
  compose: './compose/compose.yml',
  service: 'web',
  port: PORT,
  ready: { log: 'is open' },
});

const lab = sharedLab(composed, NAME, { folder });
const typed = (...words: readonly string[]) => execa('./bin/lab', words, { reject: false });

test('a Compose service is copied byte by byte, each side with what it depends on', async () => {
  const status = await lab().status();
  expect(status.services.map(({ node, name, state }) => `${node}/${name} ${state}`)).toEqual(
    ['online', 'test'].flatMap((node) => [
      `${node}/store running`,
      `${node}/seed exited`,
      `${node}/web running`,
    ]),
  );
  const [store, identity, logs, nobody] = await Promise.all([
    typed('exec', '--name', NAME, 'test', '--', 'redis-cli', '-h', 'store', 'get', 'greeting'),
    typed('exec', 'test', '--name', NAME, '--in', 'web', '--', 'grep', '^CapBnd', '/proc/self/status'),
    typed('logs', '--name', NAME, 'test', '--in', 'web'),
    typed('exec', '--name', NAME, 'test', '--in', 'shop', '--', 'true'),
  ]);
  expect(store.stdout).toBe('hello');
  // Docker's default capabilities, of which 13 is NET_RAW.
  expect(identity.stdout.split('\t')[1]).toBe('00000000a80405fb');
  expect(logs.stdout).toContain(`the shop is open on port ${PORT}`);
  expect(nobody).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('It has: store, seed, web.') });

  const verification = await verify(lab());
  expect(verification.reasons).toEqual([]);
  expect(verification).toMatchObject({ requests: { online: 3, test: 3, missing: 0 } });
  expect(verification.streams!.test).toBe(verification.streams!.online);
});

test('what is altered, dropped and doubled on the way is seen, with its places', async () => {
  await mangle(lab(), PORT, { alter: 'word: one', drop: 'word: two', double: 'word: six' });
  const verification = await verify(lab());
  const codes = ['bytes-missing', 'bytes-duplicated', 'bytes-altered'] as const;
  expectReasons(verification, codes);
  const from = String.raw`of the (\d+) from 198\.18\.\d+\.10:\d+\.`;
  const [missing, duplicated, altered] = codes.map((code) => messageOf(verification, code));
  expect(missing).toMatch(new RegExp(`never reached test:${PORT}: (\\d+) bytes at byte 0 of the \\1 from`));
  expect(duplicated).toMatch(
    new RegExp(`got bytes more than once: (\\d+) bytes at byte \\1 of the \\1 from`),
  );
  expect(altered).toMatch(new RegExp(`got other bytes than were said: 4 bytes at byte \\d+ ${from}`));
});

const started = (server: WrittenServer) => startLab(shop(server), { name: 'e2e-unready', folder });
const left = async (): Promise<number> =>
  (await findLabs()).filter(({ name }) => name === 'e2e-unready').length;

test('a server that does not get ready is told with its last lines, and nothing is left', async () => {
  const server = {
    build: './shop',
    port: PORT,
    env: { PORT: '8000' },
    ready: { log: 'never', within_ms: 8_000 },
  };
  await expect(started(server)).rejects.toMatchObject({
    code: 'STEP_FAILED',
    message: expect.stringMatching(
      /server of test \(ready when .*never.* within 8 s\): .*\nthe shop is open on port 8000$/,
    ),
  });
  expect(await left()).toBe(0);
});

test('an image that cannot be had is an error before anything starts', async () => {
  const server: ImageServer = { image: 'registry.invalid/none:1', port: PORT, ready: { tcp: PORT } };
  await expect(started(server)).rejects.toMatchObject({
    code: 'SERVICE_IMAGE_UNAVAILABLE',
    message: expect.stringContaining(
      'registry.invalid/none:1 (for server of test) is not here, and cannot be pulled',
    ),
  });
  expect(await left()).toBe(0);
});
