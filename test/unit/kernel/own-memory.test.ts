import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { readOnlyMappings } from '../../../src/kernel/own-memory';

const entry = (range: string, rights: string, file: string, anonymous_kb: number): string =>
  `${range} ${rights} 00000000 fe:00 42                    ${file}\nSize: 8 kB\nAnonymous:          ${anonymous_kb} kB\nVmFlags: rd mr\n`;

test('mappings of the executable that only read are given back, and those that were written to are not', () => {
  const smaps = [
    entry('00400000-00402000', 'r--p', '/usr/sbin/tcpcopy', 0),
    entry('00402000-00502000', 'r-xp', '/usr/sbin/tcpcopy', 0),
    // Relocations were written here before it was made read-only.
    entry('00502000-00503000', 'r--p', '/usr/sbin/tcpcopy', 4),
    entry('00503000-00504000', 'rw-p', '/usr/sbin/tcpcopy', 0),
    entry('7f0000000000-7f0000001000', 'r-xp', '/usr/lib/libc.so.6', 0),
    entry('7f0000002000-7f0000003000', 'r--p', '', 0),
  ].join('');
  expect(readOnlyMappings(smaps, '/usr/sbin/tcpcopy')).toEqual([
    { address: 0x400000, length: 0x2000 },
    { address: 0x402000, length: 0x100000 },
  ]);
});

test('a process goes on without what it needed to start, and less of its executable is resident', () => {
  const root = join(import.meta.dirname, '../../..');
  const program = `
    import { readFileSync } from 'node:fs';
    import { openKernel } from '${root}/src/kernel/kernel.ts';
    import { leaveStartBehind } from '${root}/src/kernel/own-memory.ts';
    const fromFiles_kb = () => Number(/RssFile:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
    const before = fromFiles_kb();
    leaveStartBehind(openKernel());
    const after = fromFiles_kb();
    JSON.parse(JSON.stringify(Array.from({ length: 1e4 }, (_, index) => ({ index }))));
    console.log(JSON.stringify({ before, after, later: fromFiles_kb() }));`;
  const argv = ['--import', 'tsx', '--input-type=module', '--eval', program];
  const said = execFileSync(process.execPath, argv, { cwd: root, env: { ...process.env, NODE_OPTIONS: '' } });
  const { before, after, later } = JSON.parse(said.toString()) as Record<string, number>;
  expect(after).toBeLessThan(before! / 2);
  expect(later).toBeLessThan(before!);
});
