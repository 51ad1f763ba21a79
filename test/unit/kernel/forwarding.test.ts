import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Family } from '../../../src/wire/address/address';
import { forwardingSettings } from '../../../src/kernel/forwarding';

/** What the settings say when the files hold these numbers. */
function settingsOf(files: Readonly<Record<string, number>>, family: Family = 4): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'forwarding-'));
  try {
    for (const [path, value] of Object.entries(files)) {
      const file = join(folder, `ipv${family}`, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${value}\n`);
    }
    return forwardingSettings(family, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const off = {
  ip_forward: 0,
  'conf/all/forwarding': 0,
  'conf/default/forwarding': 1,
  'conf/eth0/forwarding': 0,
};

test('a machine that lets nothing on has none', () => {
  expect(settingsOf(off)).toEqual([]);
});

test('the machine and a single device are told by the names that sysctl takes', () => {
  expect(settingsOf({ ...off, ip_forward: 1 })).toEqual(['net.ipv4.ip_forward']);
  expect(settingsOf({ ...off, 'conf/eth0/forwarding': 1 })).toEqual(['net.ipv4.conf.eth0.forwarding']);
});

test('a machine that does not tell is not taken for one that lets nothing on', () => {
  expect(() => settingsOf({ 'conf/eth0/forwarding': 0 })).toThrow('ENOENT');
});

test('of IPv6 it is the machine that decides, and a device that is forced to', () => {
  const ipv6 = { 'conf/all/forwarding': 0, 'conf/eth0/forwarding': 1, 'conf/eth0/force_forwarding': 0 };
  expect(settingsOf(ipv6, 6)).toEqual([]);
  expect(settingsOf({ ...ipv6, 'conf/all/forwarding': 1 }, 6)).toEqual(['net.ipv6.conf.all.forwarding']);
  expect(settingsOf({ ...ipv6, 'conf/eth0/force_forwarding': 1 }, 6)).toEqual([
    'net.ipv6.conf.eth0.force_forwarding',
  ]);
});

test('a kernel without IPv6 lets nothing of it on', () => {
  expect(forwardingSettings(6, join(tmpdir(), 'no-such-folder'))).toEqual([]);
});
