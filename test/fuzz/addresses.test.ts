/** What is an IPv6 address, and which, is what Node and the resolver behind URLs say; only zones are none here. */
import assert from 'node:assert/strict';
import { isIPv6 } from 'node:net';
import { parseIpv6 } from '../../src/wire/address/address';
import type { Random } from '../sim/world/plan/random';
import { fuzz } from './rounds';

const PARTS = [
  '::',
  ':',
  ':',
  ':',
  '0',
  '00ff',
  '12345',
  'fe80',
  'ABCD',
  'g',
  '1.2.3.4',
  '255.0.0.255',
  '256.1.1.1',
  '01.2.3.4',
  '1.2.3',
  '.',
  ' ',
  '',
];

const randomText = (random: Random): string =>
  Array.from({ length: random.between(0, 17) }, () => random.pick(PARTS)).join('');

/** One that is right, or nearly. */
function likelyText(random: Random): string {
  const groups = Array.from({ length: random.between(5, 8) }, () => random.between(0, 0xffff).toString(16));
  if (random.chance(0.3)) groups.splice(-2, 2, '192.0.2.1');
  if (random.chance(0.6)) groups.splice(random.between(0, groups.length), random.between(0, 3), '');
  const text = groups
    .join(':')
    .replace(/^:(?!:)/, '::')
    .replace(/(?<!:):$/, '::');
  return random.chance(0.1) ? text.replace(/[\da-f]/, random.pick(PARTS)) : text;
}

/** Sixteen bytes, by the URL standard's own parser. */
function bytesByUrl(text: string): string {
  const [before = '', behind] = new URL(`http://[${text}]/`).hostname.slice(1, -1).split('::');
  const groupsOf = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const [head, tail] = [groupsOf(before), groupsOf(behind ?? '')];
  const groups = [...head, ...new Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  return groups.map((group) => group.padStart(4, '0')).join('');
}

fuzz('texts are IPv6 addresses here where they are elsewhere, and the same', 20_000, (random) => {
  const text = random.chance(0.5) ? randomText(random) : likelyText(random);
  const bytes = parseIpv6(text);
  assert.equal(bytes !== undefined, isIPv6(text), JSON.stringify(text));
  if (bytes) assert.equal(Buffer.from(bytes).toString('hex'), bytesByUrl(text), text);
});
