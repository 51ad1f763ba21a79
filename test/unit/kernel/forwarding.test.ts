import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { forwardingSettings } from '../../../src/kernel/forwarding';

/** What the settings say when the files hold these numbers. */
function settingsOf(files: Readonly<Record<string, number>>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'forwarding-'));
  try {
    for (const [path, value] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), `${value}\n`);
    }
    return forwardingSettings(folder);
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
