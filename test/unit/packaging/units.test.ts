import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unitFiles } from '../../../packaging/content/units';

/** Where 10 is a program that may do everything. */
const EXPOSURE_MAX = 3;

/** A machine with the executables, as far as systemd-analyze looks. */
let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tcpcopy-lab-'));
  for (const folder of ['bin', 'usr/sbin', 'etc/systemd/system'])
    mkdirSync(join(root, folder), { recursive: true });
  for (const path of ['usr/sbin/tcpcopy', 'usr/sbin/intercept', 'bin/kill']) {
    writeFileSync(join(root, path), '#!/bin/sh\n');
    chmodSync(join(root, path), 0o755);
  }
  for (const target of ['network-online', 'multi-user', 'sysinit', 'basic', 'shutdown'])
    writeFileSync(join(root, 'etc/systemd/system', `${target}.target`), '[Unit]\nDescription=There\n');
  for (const [name, text] of Object.entries(unitFiles('/usr/sbin')))
    writeFileSync(join(root, 'etc/systemd/system', name), text);
});
afterAll(() => rmSync(root, { recursive: true }));

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;
const analyze = (...argv: string[]) => spawnSync('systemd-analyze', argv, { encoding: 'utf8' });

const units = unitFiles('/usr/sbin');

test('each program has a unit of its own, and a template that reads the file of its instance', () => {
  expect(Object.keys(units).toSorted()).toEqual([
    'intercept.service',
    'intercept@.service',
    'tcpcopy.service',
    'tcpcopy@.service',
  ]);
  expect(units['tcpcopy.service']).toContain('--config /etc/tcpcopy/tcpcopy.conf\n');
  expect(units['tcpcopy@.service']).toContain('--config /etc/tcpcopy/%i.conf\n');
});

test.each(Object.keys(units))(
  '%s may do two things more than anybody: CAP_NET_ADMIN and CAP_NET_RAW',
  (name) => {
    expect(units[name]).toMatch(/^AmbientCapabilities=CAP_NET_ADMIN CAP_NET_RAW$/m);
    expect(units[name]).toMatch(/^CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW$/m);
  },
);

(hasSystemd ? describe : describe.skip)('systemd', () => {
  test.each(Object.keys(units))('finds nothing wrong with %s', (name) => {
    const { status, stdout, stderr } = analyze(
      'verify',
      '--man=no',
      `--root=${root}`,
      name.replace('@', '@shop'),
    );
    expect([status, stdout + stderr]).toEqual([0, '']);
  });

  test.each(Object.keys(units))('says that %s is exposed little', (name) => {
    const file = join(root, 'etc/systemd/system', name);
    const { stdout } = analyze('security', '--offline=true', '--no-pager', file);
    const [, exposure] = /Overall exposure level for .*: ([\d.]+)/.exec(stdout)!;
    expect(Number(exposure)).toBeLessThanOrEqual(EXPOSURE_MAX);
  });

  test('would find something wrong', () => {
    writeFileSync(
      join(root, 'etc/systemd/system/wrong.service'),
      '[Service]\nExecStart=/usr/sbin/nothing\nTyp=notify\n',
    );
    const { status, stderr } = analyze('verify', '--man=no', `--root=${root}`, 'wrong.service');
    expect([status, stderr]).toEqual([1, expect.stringContaining('Typ')]);
  });
});
