/** What is put into the frames of a control channel comes out of them, in order, however much of it waits. */
import assert from 'node:assert/strict';
import { FrameQueue } from '../../src/control/frame-queue';
import { FrameDecoder } from '../../src/control/frames';
import type { Message, RouteMessage } from '../../src/control/messages';
import { IPV6_ADDRESS_BYTES, readIpv6Address, type Address } from '../../src/wire/address/address';
import type { Reply, Route } from '../../src/wire/reply';
import type { Random } from '../sim/world/plan/random';
import { fuzz } from './rounds';

const ROUTE_KINDS: readonly RouteMessage['kind'][] = ['register', 'unregister', 'abandon', 'unroutable'];
const TAKES = 4;
const RUN_MAX = 300;

/** One record, or a message without any, and what it is part of. */
interface Said {
  readonly kind: Message['kind'];
  readonly record?: Route | Reply;
}

/** Of either family; fewer are drawn in a round than are known at a time. */
function randomAddress(random: Random): Address {
  if (random.chance(0.5)) return random.between(0, 0xffff_ffff);
  const bytes = Uint8Array.from({ length: IPV6_ADDRESS_BYTES }, () => random.between(0, 255));
  return readIpv6Address(bytes, 0)!;
}

const randomRoute = (random: Random): Route => ({
  clientAddress: randomAddress(random),
  clientPort: random.between(0, 0xffff),
  serverAddress: randomAddress(random),
  serverPort: random.between(0, 0xffff),
});

const randomReply = (random: Random): Reply => ({
  ...randomRoute(random),
  sequence: random.between(0, 0xffff_ffff),
  acknowledgment: random.between(0, 0xffff_ffff),
  flags: random.between(0, 0xff),
  window: random.between(0, 0xffff),
  payloadLength: random.between(0, 0xffff),
  windowScale: random.between(0, 14),
  maximumSegmentSize: random.between(1, 0xffff),
  at_ms: random.pick([5, 70_000]) + random.between(0, 50),
});

/** A run of one kind of thing. */
function saySome(queue: FrameQueue, random: Random): Said[] {
  const run = Array.from({ length: random.between(1, RUN_MAX) });
  const sort = random.between(0, 5);
  if (sort === 0) {
    queue.add({ kind: 'heartbeat' });
    return [{ kind: 'heartbeat' }];
  }
  if (sort <= 2)
    return run.map(() => {
      const record = randomReply(random);
      queue.addReply(record);
      return { kind: 'replies', record };
    });
  const kind = random.pick(ROUTE_KINDS);
  return run.map(() => {
    const record = randomRoute(random);
    queue.addRoute(kind, record);
    return { kind, record };
  });
}

function* told(message: Message): Generator<Said> {
  const { kind } = message;
  if ('routes' in message) for (const record of message.routes) yield { kind, record };
  else if (message.kind === 'replies') for (const record of message.replies) yield { kind, record };
  else yield { kind };
}

fuzz('queues of frames give what they were given', 40, (random) => {
  const queue = new FrameQueue();
  const decoder = new FrameDecoder();
  for (let take = 0; take < TAKES; take += 1) {
    const said: Said[] = [];
    while (random.between(0, 12) > 0) said.push(...saySome(queue, random));
    const heard = [...decoder.push(queue.take())].flatMap((message) => [...told(message)]);
    assert.deepEqual(heard, said);
    assert.equal(queue.length, 0);
  }
});
