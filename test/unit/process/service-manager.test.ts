import { jest } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openKernel } from '../../../src/kernel/kernel';
import { sendUnixDatagram } from '../../../src/kernel/unix-datagram';
import type { Log } from '../../../src/process/log';
import { openServiceManager, type ServiceManager, type Standing } from '../../../src/process/service-manager';
import { useFakeTime, useRealTime } from '../fake-time';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;

/** A service manager's end of NOTIFY_SOCKET. */
function listen(name: string): { heard: () => string[]; close: () => void } {
  const { libc } = openKernel();
  const descriptor = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  const bytes = Buffer.from(name);
  if (name.startsWith('@')) bytes[0] = 0;
  const address = Uint8Array.of(AF_UNIX, 0, ...bytes);
  expect(libc.bind(descriptor, address, address.length)).toBe(0);
  const buffer = new Uint8Array(4096);
  const heard = (): string[] => {
    const length = libc.recv(descriptor, buffer, buffer.length, 0);
    if (length < 0) return [];
    return [Buffer.from(buffer.subarray(0, length)).toString(), ...heard()];
  };
  return { heard, close: () => libc.close(descriptor) };
}

let folder: string;
const warnings: string[] = [];
const log: Log = {
  info: () => undefined,
  warning: (event) => void warnings.push(event),
  error: () => undefined,
};
let manager: ServiceManager | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tcpcopy-lab-'));
  warnings.length = 0;
});
afterEach(() => {
  manager?.stopping();
  manager = undefined;
  rmSync(folder, { recursive: true });
});

async function until(condition: () => boolean): Promise<void> {
  const deadline_ms = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > deadline_ms) throw new Error('It did not come true within a minute.');
    await sleep(5);
  }
}

test.each(['path', 'abstract'])(
  'a service manager at a socket of its own (%s) hears how a program stands',
  async (form) => {
    const name = form === 'path' ? join(folder, 'notify') : `@tcpcopy-lab-${process.pid}`;
    const { heard, close } = listen(name);
    const said: string[] = [];
    let standing: Standing = { ready: false, status: 'not copying' };
    manager = openServiceManager(log, { NOTIFY_SOCKET: name });
    manager!.attend(() => standing);
    await until(() => said.push(...heard()) > 0);
    expect(said).toEqual(['STATUS=not copying']);
    standing = { ready: true, status: 'copying' };
    await until(() => said.push(...heard()) > 1);
    expect(said[1]).toBe('READY=1\nSTATUS=copying');
    standing = { ready: false, status: 'not copying' };
    await until(() => said.push(...heard()) > 2);
    expect(said[2]).toBe('STATUS=not copying');
    manager!.stopping();
    manager = undefined;
    expect(heard()).toEqual(['STOPPING=1']);
    close();
  },
);

test('it is told that the program is alive, at least twice in the time that it waits for', () => {
  useFakeTime();
  try {
    let told = 0;
    const environment = { NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '400000' };
    manager = openServiceManager(log, environment, (_, text) => {
      if (text.includes('WATCHDOG=1')) told += 1;
    });
    manager!.attend(() => ({ ready: true, status: 'copying' }));
    for (let times = 1; times <= 5; times += 1) {
      const before = told;
      jest.advanceTimersByTime(400);
      expect(told - before).toBeGreaterThanOrEqual(2);
    }
  } finally {
    useRealTime();
  }
});

test('what is for this process alone is not left to its children', () => {
  const environment = { NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '1', WATCHDOG_PID: '1', HOME: '/' };
  manager = openServiceManager(log, environment, () => undefined);
  expect(environment).toEqual({ HOME: '/' });
});

test('a watchdog for another process is not fed', async () => {
  const said: string[] = [];
  const environment = { NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '20000', WATCHDOG_PID: '1' };
  manager = openServiceManager(log, environment, (_, text) => void said.push(text));
  manager!.attend(() => ({ ready: true, status: String(said.length) }));
  await until(() => said.length > 1);
  expect(said.join('\n')).not.toContain('WATCHDOG');
});

test('nobody is told where nobody asks', () => {
  expect(openServiceManager(log, {})).toBeUndefined();
});

test('a service manager that is gone disturbs nobody, and is told of once', () => {
  manager = openServiceManager(log, { NOTIFY_SOCKET: join(folder, 'gone') });
  manager!.attend(() => ({ ready: true, status: 'copying' }));
  manager!.stopping();
  expect(warnings).toEqual(['service manager not told']);
});

test('a name that no socket can have is an error', () => {
  expect(() => sendUnixDatagram(openKernel(), `/${'x'.repeat(200)}`, new Uint8Array(1))).toThrow(
    'ENAMETOOLONG',
  );
});
