import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { openKernel } from '../../../src/kernel/kernel';
import { ReceiveBatch } from '../../../src/kernel/packets/receive-batch';

const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;

describe('the kernel', () => {
  test('is told apart when it has nothing and when it refuses', () => {
    const kernel = openKernel();
    const batch = new ReceiveBatch(kernel, 4, 100);
    const descriptor = kernel.libc.socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    try {
      expect(batch.receive(descriptor, () => undefined)).toBe(0);
      kernel.libc.close(descriptor);
      expect(batch.receive(descriptor, () => undefined)).toBe(-1);
      expect(kernel.errno()).toBe('EBADF');
    } finally {
      batch.free();
    }
  });

  test('hands over several datagrams at once, and says which were cut', async () => {
    const kernel = openKernel();
    const batch = new ReceiveBatch(kernel, 4, 5);
    const descriptor = kernel.libc.socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    const address = Uint8Array.of(AF_INET, 0, 0x4f, 0x11, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0); // port 20241, none that the kernel gives to others
    expect(kernel.libc.bind(descriptor, address, address.length)).toBe(0);
    const sender = createSocket('udp4');
    try {
      for (const text of ['one', 'two', 'three and more']) sender.send(text, 20241, '127.0.0.1');
      await once(sender, 'listening');
      const heard: [string, boolean][] = [];
      for (let turn = 0; turn < 3000 && heard.length < 3; turn += 1) {
        batch.receive(descriptor, (bytes, offset, length, truncated) => {
          heard.push([Buffer.from(bytes).toString('latin1', offset, offset + length), truncated]);
        });
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      expect(heard).toEqual([
        ['one', false],
        ['two', false],
        ['three', true],
      ]);
    } finally {
      sender.close();
      kernel.libc.close(descriptor);
      batch.free();
    }
  });
});
