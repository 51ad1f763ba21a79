/** A peer that was greeted and means harm: to others' connections, to others' servers, by how much it says. */
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeFrame } from '../../../src/control/frames';
import { servedBy } from '../../../src/intercept/served';
import type { Endpoint } from '../../../src/wire/flow';
import { ENDPOINT, eventually, HELLO, REPLY, ROUTE, World } from './attacked';

const QUEUE = { by: 'queue', number: 0, length: undefined } as const;
const SILENT = { info: () => undefined, warning: () => undefined, error: () => undefined };

describe('a peer', () => {
  test.each(['register', 'unregister', 'abandon'] as const)(
    'that would %s connections to a server that it did not greet with is no peer any more',
    async (kind) => {
      await using world = await World.with({});
      const foreign = { ...ROUTE, serverPort: 22 };
      const stranger = await world.stranger(
        Buffer.concat([encodeFrame(HELLO), encodeFrame({ kind, routes: [ROUTE, foreign] })]),
      );
      await eventually(() => !stranger.open);
      expect(world.gone[0]).toContain('0.0.0.3:22, which it did not greet with');
      expect(world.routes).toEqual([]);
    },
  );

  test('that greets with somebody else’s server is told why, registers nothing, and changes nothing for others', async () => {
    const own = { deviceOf: (address: number) => (address === ENDPOINT.address ? 'eth0' : undefined) };
    const wishes = { caught: QUEUE, guarded: undefined, peerEndpoints_max: 2 };
    await using world = await World.with({ whyNotServed: servedBy(wishes, own, SILENT) });
    const { client, heard } = world.tcpcopy();
    await eventually(() => heard.connected === 1);
    client.register(ROUTE);
    await eventually(() => world.routes.length === 1);
    const theirs = { address: 4, port: 8080 };
    const greetings: readonly Endpoint[][] = [
      [theirs],
      [ENDPOINT, theirs],
      [1, 2, 3].map((port) => ({ ...ENDPOINT, port })),
    ];
    for (const [index, endpoints] of greetings.entries()) {
      const stranger = await world.stranger(
        Buffer.concat([
          encodeFrame({ ...HELLO, instance: BigInt(index), endpoints }),
          encodeFrame({
            kind: 'register',
            routes: [
              { ...ROUTE, clientPort: 9 },
              { ...ROUTE, serverAddress: 4 },
            ],
          }),
        ]),
      );
      await eventually(() => !stranger.open);
      expect(stranger.told).toBeGreaterThan(0);
    }
    expect(world.refused).toEqual([
      expect.stringContaining('may not copy to 0.0.0.4:8080'),
      expect.stringContaining('may not copy to 0.0.0.4:8080'),
      expect.stringContaining('it copies to 3 ports'),
    ]);
    world.peers[0]!.sendReply(REPLY);
    await eventually(() => heard.replies.length === 1);
    expect([world.peers.length, world.routes, world.gone, heard.lost]).toEqual([1, [ROUTE], [], []]);
  });

  test('that floods valid registrations holds up no other’s replies', async () => {
    await using world = await World.with({});
    const { heard } = world.tcpcopy();
    await eventually(() => heard.connected === 1);
    const routes = Array.from({ length: 1800 }, (_, clientPort) => ({ ...ROUTE, clientPort }));
    const flood = encodeFrame({ kind: 'register', routes });
    const flooder = await world.stranger(encodeFrame(HELLO));
    for (let round = 0; round < 100; round += 1) {
      flooder.socket.write(flood);
      world.peers[0]!.sendReply(REPLY);
      await sleep(1);
    }
    await eventually(() => heard.replies.length === 100 && world.routes.length === 180_000);
    expect(heard.lost).toEqual([]);
  });
});
