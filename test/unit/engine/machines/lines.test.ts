import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leaveLine, placeOf, takeLine, takenLine } from '../../../../lab/engine/machines/lines';

const OURS = { name: 'shop', run: 'run-1' };
const OTHERS = { name: 'other', run: 'run-2' };

let root: string;
let kit: Buffer;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'lab-lines-'));
  const content = join(root, 'kit');
  for (const folder of ['bin', 'sbin']) mkdirSync(join(content, folder), { recursive: true });
  for (const file of ['bin/node', 'sbin/tcpcopy', 'sbin/intercept']) writeFileSync(join(content, file), '');
  kit = spawnSync('tar', ['-czf', '-', '-C', content, 'bin', 'sbin']).stdout;
  // Rules and processes of this machine are nobody's here.
  for (const tool of ['iptables', 'ip6tables', 'grep'])
    writeFileSync(join(root, tool), '#!/bin/sh\n', { mode: 0o755 });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

let opt: string;
beforeEach(() => {
  opt = mkdtempSync(join(root, 'opt-'));
});
const place = (whose: typeof OURS) => placeOf(whose, join(opt, 'lab'));

/** @param deadBefore which of its commands it is killed at, from 1 @returns how it ended */
function play(
  line: string,
  { input = '', deadBefore = 0 }: { input?: Uint8Array | string; deadBefore?: number } = {},
) {
  const dying = `count=0; trap 'count=$((count + 1)); [ $count != ${deadBefore} ] || kill -9 $$' DEBUG; `;
  const argv = ['-c', `${deadBefore > 0 ? dying : ''}\n${line}`];
  const env = { ...process.env, PATH: `${root}:${process.env['PATH']}` };
  const { status, signal, stdout } = spawnSync('bash', argv, { input, env, encoding: 'utf8' });
  return { status, signal, said: stdout.trim() };
}

const take = (whose = OURS, deadBefore = 0) => play(takeLine(place(whose)), { input: kit, deadBefore });
const leave = (whose = OURS, deadBefore = 0) => play(leaveLine(place(whose)), { deadBefore });
const taken = (whose = OURS): string => play(takenLine(place(whose))).said;

const isWholeOrAbsent = (): boolean =>
  !existsSync(join(opt, 'lab')) ||
  (readFileSync(join(opt, 'lab/lab'), 'utf8') === 'shop run-1\n' && existsSync(join(opt, 'lab/log')));

/** More than there are of them in a line. */
const LEAVING = 30;

/** Until nothing is left to be killed at. */
function killedEverywhere(act: (deadBefore: number) => { signal: string | null }, then: () => void): number {
  for (let deadBefore = 1; ; deadBefore++) {
    const { signal } = act(deadBefore);
    if (signal === null) return deadBefore - 1;
    then();
  }
}

test('a machine is taken, says whose it is, and is left as it was', () => {
  expect([take().status, taken(), taken(OTHERS)]).toEqual([0, 'whole', 'no']);
  expect(readdirSync(opt)).toEqual(['lab']);
  expect([leave().status, taken(), readdirSync(opt)]).toEqual([0, 'no', []]);
});

test('whoever is killed while a machine is taken leaves nothing that is not known to be his, and all of it goes', () => {
  const places = killedEverywhere(
    (deadBefore) => take(OURS, deadBefore),
    () => {
      expect([isWholeOrAbsent(), taken()]).toEqual([true, expect.stringMatching(/^(part|no)$/)]);
      expect([leave().status, readdirSync(opt)]).toEqual([0, []]);
    },
  );
  expect(places).toBeGreaterThan(8);
  leave();
});

test('whoever is killed while a machine is left can leave it once more', () => {
  // The last commands are those that remove the folder.
  for (let back = 0, died = 0; died < 4; back++) {
    take();
    if (leave(OURS, LEAVING - back).signal === null) continue;
    died++;
    expect(isWholeOrAbsent()).toBe(true);
    expect([leave().status, readdirSync(opt)]).toEqual([0, []]);
  }
});

test('a machine that another lab has taken stays its own, and keeps nothing of whoever came too late', () => {
  take(OTHERS);
  expect(take().status).not.toBe(0);
  expect([leave().status, taken(), taken(OTHERS), readdirSync(opt)]).toEqual([0, 'no', 'whole', ['lab']]);
});

test('an archive that is cut off is never a whole machine', () => {
  expect(play(takeLine(place(OURS)), { input: kit.subarray(0, 40) }).status).not.toBe(0);
  expect([taken(), leave().status, readdirSync(opt)]).toEqual(['part', 0, []]);
});
