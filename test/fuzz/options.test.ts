/** Command lines of any words: run, printed or refused with reasons, and never anything else. */
import assert from 'node:assert/strict';
import { parseInterceptOptions } from '../../src/intercept/options';
import { parseTcpcopyOptions } from '../../src/tcpcopy/options/options';
import { parseAddress } from '../../src/wire/address/address';
import type { Random } from '../sim/world/plan/random';
import { fuzz } from './rounds';

const OPTIONS = [
  ...'abcdfghiklmnopqrstvxzCDFGLMOPRUWX'.split('').map((letter) => `-${letter}`),
  ...[
    '--transfer',
    '--percentage',
    '--multiply',
    '--passlist',
    '--own-copies',
    '--source-ports',
    '--stats',
    '--metrics',
    '--io',
    '--',
    '-',
    '--=',
    '-=',
  ],
];
const VALUES = [
  ...['80-198.18.10.30:8080', '80-127.0.0.1:81', '198.18.10.20', '1.2.3.4:5', '-1', '0', '1', '1023', '1024'],
  ...[
    '99999999999999999999',
    '1e3',
    'NaN',
    '',
    ' ',
    '0x10',
    'ring',
    'auto',
    '1.2.3.4-1.2.3.9',
    '61000-65535',
    '198.18.10.20:61000-65535',
    '1.2.3.4,1.2.3.5',
  ],
  ...[
    '80-[2001:2:0:10::30]:8080',
    '80-198.18.10.30:8080,80-[2001:2:0:10::30]:8080',
    '[2001:2:0:10::20]:80-[::1]:81',
    '2001:2:0:10::20',
    '198.18.10.20,2001:2:0:10::20',
    '[2001:2:0:10::20]:61000-65535',
    '[2001:2:0:10::30]:36524',
    'fe80::1%eth0',
    '::ffff:1.2.3.4',
    '100::1',
    '[::1',
  ],
  ...['__proto__', 'constructor', '\u0000', '\u{1f600}', 'a'.repeat(5000)],
];
const isEven = (path: string): boolean => path.length % 2 === 0;
const LOCAL = {
  addresses: new Set([0xc612_0a14, parseAddress('2001:2:0:10::20')!]),
  smallestMtu_bytes: 1500,
  exists: isEven,
  matching: () => ['a.pcap'],
};

function drawWord(random: Random): string {
  const word = random.chance(0.5) ? random.pick(OPTIONS) : random.pick(VALUES);
  if (random.chance(0.15)) return `${random.pick(OPTIONS)}=${word}`;
  if (random.chance(0.1)) return `${random.pick(OPTIONS)}${word}`;
  return word;
}

fuzz('command lines are understood or refused with reasons', 5000, (random) => {
  const argv = Array.from({ length: random.between(0, 8) }, () => drawWord(random));
  if (random.chance(0.5)) argv.push('-x', random.pick(['80-198.18.10.30:8080', '80-[2001:2:0:10::30]:8080']));
  for (const command of [parseTcpcopyOptions(argv, LOCAL), parseInterceptOptions(argv)]) {
    if (command.kind === 'refuse') {
      assert.ok(command.faults.length > 0);
      for (const fault of command.faults) assert.ok(fault.length > 0);
    } else assert.ok(['run', 'print'].includes(command.kind));
  }
});
