import { flavourSaid, unusableIn, type Flavour } from '../../../lab/plan/flavour';
import { planFor } from '../../../lab/plan/plan';
import { quoted } from '../../../lab/plan/words';
import type { Topology } from '../../../lab/topology/types';
import dataLink from '../../../topologies/data-link';
import manyOnline from '../../../topologies/many-online';
import offline from '../../../topologies/offline';
import traditional from '../../../topologies/traditional';

/** The command lines of the two programs, without where they run. */
const typed = (topology: Topology, flavour: Flavour): string[] =>
  planFor(topology, { flavour }).steps.flatMap(({ action }) =>
    action.kind === 'command' && /^(?:tcpcopy|intercept)$/.test(action.argv[0]!) ? [quoted(action.argv)] : [],
  );

test('the original before 1.0 finds intercept on the test server by itself, which lets it talk to itself', () => {
  expect(typed(traditional, '0.9')).toEqual([
    'intercept -x 198.18.10.20,127.0.0.1 -b 198.18.10.30 -l /var/log/intercept.log -P /run/intercept.pid -d',
    'tcpcopy -x 80-198.18.10.30:8080 -l /var/log/tcpcopy.log -P /run/tcpcopy.pid -d',
  ]);
});

test('the original since 1.0 captures on the assistants, and is told where they are', () => {
  expect(typed(dataLink, '1.x')).toEqual([
    "intercept -i eth0 -F 'tcp and src port 8080' -l /var/log/intercept.log -P /run/intercept.pid -d",
    'tcpcopy -x 80-198.18.12.30:8080 -s 198.18.12.40 -l /var/log/tcpcopy.log -P /run/tcpcopy.pid -d',
  ]);
  expect(typed(manyOnline, '1.x').at(-1)).toContain(' -s 198.18.13.40,198.18.13.41 ');
});

test('programs that are ours are started by the commands that are taught', () => {
  const untold = planFor(traditional).steps;
  expect(planFor(traditional, { flavour: 'ours' }).steps).toEqual(untold);
});

test('all that is not a program of the copy is the same for every flavour', () => {
  const others = (flavour: Flavour): unknown[] =>
    planFor(traditional, { flavour }).steps.map((step) => {
      const { action } = step;
      const isProgram = action.kind === 'command' && /^(?:tcpcopy|intercept)$/.test(action.argv[0]!);
      return isProgram ? { ...step, action: undefined } : step;
    });
  expect(others('0.9')).toEqual(others('ours'));
});

test('a flavour is refused in an architecture that it is not for', () => {
  expect(unusableIn(dataLink, '0.9')).toEqual(['data-link']);
  expect(unusableIn(traditional, '1.x')).toEqual(['traditional']);
  expect(unusableIn(offline, '1.x')).toEqual(['offline']);
  for (const topology of [dataLink, traditional, offline]) expect(unusableIn(topology, 'ours')).toEqual([]);
  expect(unusableIn(traditional, '0.9')).toEqual([]);
  expect(unusableIn(dataLink, '1.x')).toEqual([]);
});

test.each([
  ['tcpcopy version:0.9.10\r\n', '0.9'],
  ['intercept version:1.0.0\n', '1.x'],
  ['tcpcopy version:1.3.0', '1.x'],
  ['tcpcopy 0.1.0\n', 'ours'],
  ['warning: something\nintercept version:0.9.6', '0.9'],
  ['tcpcopy version:2.0.0', undefined],
  ["sh: 1: -v: not found\ntcpcopy: can't do that", undefined],
  ['', undefined],
])('a program that answers %j is of flavour %s', (said, flavour) => {
  expect(flavourSaid(said)).toBe(flavour);
});
