/** Both programs as one executable, which is the one by whose name it is called, and has all that it needs inside. */
import { basename } from 'node:path';
import { getAsset, getRawAsset } from 'node:sea';
import { bringPackages } from '../kernel/optional-package';
import { workerWishes } from '../workers/worker';
import { bringScript } from '../workers/workers';
import { loadAddon } from './addon';

/** By name; only what runs is loaded. */
const PROGRAMS: Readonly<Record<string, () => Promise<() => Promise<void>>>> = {
  tcpcopy: async () => (await import('../tcpcopy/command')).runTcpcopy,
  intercept: async () => (await import('../intercept/command')).runIntercept,
};

const EXIT_USAGE = 2;

async function main(): Promise<void> {
  const load = PROGRAMS[workerWishes()?.program ?? basename(process.argv0)];
  if (!load) {
    process.stderr.write(`Call it by one of these names: ${Object.keys(PROGRAMS).join(', ')}.\n`);
    process.exitCode = EXIT_USAGE;
    return;
  }
  bringScript(() => getAsset('main.cjs', 'utf8'));
  bringPackages({ koffi: () => loadAddon(new Uint8Array(getRawAsset('koffi.node') as ArrayBuffer)) });
  const run = await load();
  await run();
}

void main();
