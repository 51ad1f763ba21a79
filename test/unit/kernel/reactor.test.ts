import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { descriptorOf } from '../../../src/control/connection';
import type { Coalescing } from '../../../src/kernel/coalescing';
import { IdleCores } from '../../../src/kernel/idle-cores';
import { openKernel } from '../../../src/kernel/kernel';
import { Reactor } from '../../../src/kernel/reactor';
import { ReceiveBatch } from '../../../src/kernel/packets/receive-batch';
import { Alarm } from '../../../src/kernel/turns';

const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const kernel = openKernel();

/** Datagrams that a reactor reads, and a stream that joins it. Its port is none that the kernel gives to others (below 32768). */
class World {
  readonly told: string[] = [];
  /** How long it slept, in µs. */
  readonly slept: number[] = [];
  /** How long it was ready to wait for more. */
  readonly waited_ms: number[] = [];
  /**
   * Its clock: what it sleeps or waits in vain passes, and 1 ms with each datagram, and nothing else however often this process has to wait
   * for its turn on the machine.
   */
  #now_ms = 0;
  /** Cores, in each second. */
  idle = 0;
  #up_s = 0;
  #idle_s = 0;
  readonly reactor = new Reactor(
    {
      ...kernel.libc,
      poll: (descriptors, count, timeout_ms) => {
        this.waited_ms.push(timeout_ms);
        const ready = kernel.libc.poll(descriptors, count, timeout_ms);
        if (ready === 0) this.pass(timeout_ms);
        return ready;
      },
      usleep: (us) => {
        this.slept.push(us);
        this.pass(us / 1000);
        return 0;
      },
    },
    (length) => kernel.allocate(length),
    () =>
      new IdleCores(() => {
        this.#up_s += 1;
        this.#idle_s += this.idle;
        return `${this.#up_s} ${this.#idle_s}`;
      }),
    () => this.#now_ms,
  );
  readonly #batch = new ReceiveBatch(kernel, 8, 100);
  readonly #descriptor = kernel.libc.socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  readonly #sender: DatagramSocket = createSocket('udp4');
  readonly #server = createServer({ pauseOnConnect: true });
  near!: Socket;
  far!: Socket;
  /** Called for each datagram. */
  onDatagram = (text: string): void => void this.told.push(text);

  constructor(private readonly port: number) {
    const address = Uint8Array.of(AF_INET, 0, port >> 8, port & 0xff, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
    expect(kernel.libc.bind(this.#descriptor, address, address.length)).toBe(0);
    this.reactor.add(
      () => this.#descriptor,
      () =>
        this.#batch.receive(this.#descriptor, (bytes, offset, length) => {
          this.pass(1);
          this.onDatagram(Buffer.from(bytes).toString('latin1', offset, offset + length));
        }),
    );
  }

  get now_ms(): number {
    return this.#now_ms;
  }

  pass(ms: number): void {
    this.#now_ms += ms;
  }

  async open(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const accepted = once(this.#server, 'connection') as Promise<[Socket]>;
    this.far = connect((this.#server.address() as { port: number }).port, '127.0.0.1');
    [this.near] = await accepted;
    return this;
  }

  async datagram(text: string): Promise<void> {
    await new Promise((resolve) => this.#sender.send(text, this.port, '127.0.0.1', resolve));
  }

  [Symbol.dispose](): void {
    kernel.libc.close(this.#descriptor);
    this.#batch.free();
    this.#sender.close();
    this.near.destroy();
    this.far.destroy();
    this.#server.close();
  }
}

const joined = (world: World) =>
  world.reactor.join(
    () => descriptorOf(world.near),
    (bytes) => world.told.push(`stream ${Buffer.from(bytes).toString()}`),
  );

describe('the reactor', () => {
  test('reads streams before packets, and then does what both brought about', async () => {
    using world = await new World(20251).open();
    joined(world);
    world.onDatagram = (text) => {
      world.told.push(text);
      world.reactor.atEnd(() => {
        world.told.push(`end of ${text}`);
        world.reactor.atEnd(() => world.told.push('the very end'));
      });
    };
    world.far.write('route');
    await world.datagram('packet');
    await sleep(20);
    world.reactor.stay();
    expect(world.told.filter((what) => !what.startsWith('stream'))).toEqual([
      'packet',
      'end of packet',
      'the very end',
    ]);
    expect(world.told[0]).toBe('stream route');
  });

  test('leaves what it was told at the end of a turn to nobody else', async () => {
    using world = await new World(20252).open();
    let calls = 0;
    world.onDatagram = () => world.reactor.atEnd(() => (calls += 1));
    await world.datagram('one');
    await sleep(5);
    world.reactor.stay();
    expect(calls).toBe(1);
    await sleep(5);
    expect(calls).toBe(1);
    world.reactor.atEnd(() => (calls += 1));
    expect(calls).toBe(1);
    await sleep(5);
    expect(calls).toBe(2);
  });

  test("does at the end of its next turn what was asked for in one of Node's that has not ended", async () => {
    using world = await new World(20260).open();
    await world.datagram('one');
    await sleep(5);
    world.reactor.atEnd(() => world.told.push('asked in a turn of Node'));
    world.onDatagram = (text) => {
      world.told.push(text);
      world.reactor.atEnd(() => world.told.push(`end of ${text}`));
    };
    world.reactor.stay();
    expect(world.told).toEqual(['one', 'asked in a turn of Node', 'end of one']);
    await sleep(5);
    expect(world.told).toHaveLength(3);
  });

  test('waits until Node must have a turn or an alarm rings, which may be a little later where nothing hurries', async () => {
    using world = await new World(20261).open();
    world.reactor.coalesce(0);
    const alarm = world.reactor.alarm(() => undefined);
    const waitsBehind_ms = async (onDatagram: () => void): Promise<number[]> => {
      world.onDatagram = onDatagram;
      await world.datagram('one');
      await sleep(5);
      world.waited_ms.length = 0;
      world.reactor.stay();
      return world.waited_ms.slice(0, 2);
    };
    // Of the 10 ms one is gone with the datagram.
    expect(await waitsBehind_ms(() => undefined)).toEqual([10, 9]);
    expect(await waitsBehind_ms(() => alarm.set(world.now_ms + 2))).toEqual([10, 7]);
    world.reactor.hurry();
    expect(await waitsBehind_ms(() => alarm.set(world.now_ms + 2))).toEqual([10, 2]);
    alarm.stop();
  });

  test('wakes up for no stream that nobody waits for, and reads it with the packets that come, before them', async () => {
    using world = await new World(20262).open();
    joined(world);
    let isAwaited = false;
    world.reactor.askWhetherAwaited(() => isAwaited);
    world.near.pause();
    world.far.write('reply');
    await sleep(20);
    const { turns } = world.reactor.counters;
    world.onDatagram = (text) => void world.told.push(text);
    await world.datagram('packet');
    await sleep(5);
    world.reactor.stay();
    expect(world.told).toEqual(['stream reply', 'packet']);
    // A stream that is there is a turn of its own only where somebody waits for it.
    const alone = world.reactor.counters.turns;
    expect(alone - turns).toBe(2);
    isAwaited = true;
    world.far.write('another');
    await sleep(20);
    world.reactor.stay();
    expect(world.told.at(-1)).toBe('stream another');
  });

  test('reads a stream that nobody waits for at the latest when Node must have its turn', async () => {
    using world = await new World(20263).open();
    joined(world);
    world.reactor.askWhetherAwaited(() => false);
    world.near.pause();
    world.far.write('reply');
    await sleep(20);
    world.reactor.stay();
    expect(world.told).toEqual(['stream reply']);
  });

  test('goes back to Node although packets keep coming', async () => {
    using world = await new World(20253).open();
    world.onDatagram = () => {
      // As many as it reads: it would never run dry.
      const address = Uint8Array.of(2, 0, 20253 >> 8, 20253 & 0xff, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
      kernel.libc.sendto(again, Uint8Array.of(1), 1, 0, address, address.length);
      count += 1;
    };
    let count = 0;
    const again = kernel.libc.socket(AF_INET, SOCK_DGRAM, 0);
    try {
      await world.datagram('the first');
      await sleep(5);
      world.reactor.hurry();
      const from_ms = world.now_ms;
      world.reactor.stay();
      expect(count).toBeGreaterThan(1);
      expect(world.now_ms - from_ms).toBeGreaterThanOrEqual(10);
      expect(world.now_ms - from_ms).toBeLessThan(12);
    } finally {
      kernel.libc.close(again);
    }
  });

  test('reads the first packet after a pause at once, and puts off those behind it', async () => {
    using world = await new World(20254).open();
    await world.datagram('one');
    await sleep(5);
    const sent = [world.datagram('two'), world.datagram('three')];
    world.onDatagram = (text) => world.told.push(`${text}, after ${world.slept.length} sleeps`);
    world.reactor.stay();
    await Promise.all(sent);
    world.reactor.stay();
    expect(world.told[0]).toBe('one, after 0 sleeps');
    expect(world.slept.length).toBeGreaterThan(0);
    expect(Math.max(...world.slept)).toBeLessThanOrEqual(2000);
  });

  test('puts off less where somebody waits', async () => {
    using world = await new World(20258).open();
    await world.datagram('one');
    await sleep(5);
    world.reactor.hurry();
    world.reactor.stay();
    world.reactor.stay();
    expect(world.told).toEqual(['one']);
    expect(world.slept.length).toBeGreaterThan(0);
    expect(Math.max(...world.slept)).toBeLessThanOrEqual(400);
  });

  test('puts off as long as it was told, and as idle as the machine is where it is to be prompt', async () => {
    using world = await new World(20259).open();
    const sleepsBy = async (by: Coalescing): Promise<number[]> => {
      world.reactor.coalesce(by);
      // By then it knows how idle the machine is.
      for (let look = 0; look < 3; look += 1) {
        await world.datagram('one');
        await sleep(5);
        world.pass(110);
        world.reactor.stay();
      }
      world.slept.length = 0;
      await world.datagram('one');
      await sleep(5);
      world.reactor.stay();
      world.reactor.stay();
      return [...world.slept];
    };
    expect(await sleepsBy(0)).toEqual([]);
    expect(Math.max(...(await sleepsBy(9000)))).toBeGreaterThan(2000);
    world.idle = 0;
    expect(Math.max(...(await sleepsBy('prompt')))).toBeGreaterThan(400);
    world.idle = 100;
    expect(await sleepsBy('prompt')).toEqual([]);
    const { turns } = world.reactor.counters;
    world.reactor.stay();
    expect(world.reactor.counters.turns).toBe(turns + 1);
  });

  test('rings alarms while it stays, and leaves those that are due later to a timer', async () => {
    using world = await new World(20255).open();
    let rung = 0;
    const alarm = world.reactor.alarm(() => (rung += 1));
    world.onDatagram = () => alarm.set(world.now_ms);
    await world.datagram('one');
    await sleep(5);
    world.reactor.stay();
    expect(rung).toBe(1);
    // Timers are Node's, by the real clock.
    const later_ms = performance.now() + 30;
    world.onDatagram = () => alarm.set(later_ms);
    await world.datagram('two');
    await sleep(5);
    world.reactor.stay();
    expect(rung).toBe(1);
    while (rung < 2) await sleep(5);
    expect(performance.now()).toBeGreaterThanOrEqual(later_ms - 1);
  });

  test('sends what there is room for, and says how much that was', async () => {
    using world = await new World(20256).open();
    world.far.pause();
    const stream = joined(world);
    const bytes = new Uint8Array(1024 * 1024).fill(7);
    let sent = 0;
    for (let part = stream.send(bytes, bytes.length); part > 0; part = stream.send(bytes, bytes.length))
      sent += part;
    expect(sent).toBeGreaterThan(0);
    let received = 0;
    world.far.on('data', (chunk: Buffer) => (received += chunk.length)).resume();
    for (let tries = 0; tries < 3000 && received < sent; tries += 1) await sleep(10);
    expect(received).toBe(sent);
  });

  test('leaves the end of a stream to Node, and sends nothing on one that is closed', async () => {
    using world = await new World(20257).open();
    const stream = joined(world);
    const ended = once(world.near, 'end');
    world.near.resume();
    world.far.end();
    await sleep(10);
    world.reactor.stay();
    await ended;
    world.near.destroy();
    expect(stream.send(Uint8Array.of(1), 1)).toBe(0);
    stream.leave();
    world.reactor.stay();
    expect(world.told).toEqual([]);
  });
});

describe('an alarm', () => {
  test('rings once, at the earliest time that it was set to', async () => {
    const from_ms = performance.now();
    const rung_ms: number[] = [];
    const alarm = new Alarm(() => rung_ms.push(performance.now() - from_ms));
    alarm.set(from_ms + 60);
    alarm.set(from_ms + 20);
    alarm.set(from_ms + 40);
    await sleep(100);
    expect(rung_ms).toHaveLength(1);
    expect(rung_ms[0]).toBeGreaterThanOrEqual(18);
  });

  test('can be set again when it rings, and is silent when it was stopped', async () => {
    let rung = 0;
    const alarm: Alarm = new Alarm(() => {
      rung += 1;
      if (rung < 3) alarm.set(performance.now() + 5);
    });
    alarm.set(performance.now() + 5);
    while (rung < 3) await sleep(5);
    await sleep(20);
    expect(rung).toBe(3);
    alarm.set(performance.now() + 5);
    alarm.stop();
    await sleep(20);
    expect(rung).toBe(3);
  });
});
