/**
 * Packages of npm that are inside the executables. Those for machines of this kind are installed; npm leaves those for others out, which are
 * pinned by version and hash in elsewhere.json, fetched once, and kept in .cache.
 */
import { execa } from 'execa';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { folderOfPackage, projectRoot } from '../../lab/engine/images/places';
import elsewhere from './elsewhere.json' with { type: 'json' };

export interface Pin {
  readonly version: string;
  /** Subresource Integrity, as npm has it. */
  readonly integrity: string;
}

export const PINS: Readonly<Record<string, Pin>> = elsewhere;

export class FetchError extends Error {
  override readonly name = 'FetchError';
}

const kept = join(projectRoot, '.cache/packaging');

/** @returns the package's folder @throws FetchError when it cannot be had, or is not what was pinned */
export async function obtainPackage(name: string): Promise<string> {
  const pin = PINS[name];
  if (pin) return fetchPackage(name, pin);
  const folder = folderOfPackage(name);
  if (existsSync(join(folder, 'package.json'))) return folder;
  throw new FetchError(
    `${name} is not installed: npm ci --include=dev --include=optional (on 64-bit x86 Linux).`,
  );
}

async function fetchPackage(name: string, pin: Pin): Promise<string> {
  const place = join(kept, `${name.replaceAll('/', '+')}-${pin.version}`);
  if (existsSync(place)) return place;
  await mkdir(dirname(place), { recursive: true });
  const folder = await mkdtemp(`${place}-`);
  try {
    const tarball = await pack(name, pin.version, folder);
    assertIntegrity(name, await readFile(tarball), pin.integrity);
    await execa('tar', ['-xzf', tarball, '-C', folder]);
    await rename(join(folder, 'package'), place).catch((error: unknown) => {
      // Another build was quicker.
      if (!existsSync(place)) throw error;
    });
    return place;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function pack(name: string, version: string, folder: string): Promise<string> {
  const quiet = ['--silent', '--prefer-offline', '--pack-destination', folder];
  try {
    const { stdout } = await execa('npm', ['pack', `${name}@${version}`, ...quiet]);
    return join(folder, stdout.trim().split('\n').at(-1)!);
  } catch (cause) {
    throw new FetchError(`npm cannot bring ${name}@${version}: is its registry reached (npm ping)?`, {
      cause,
    });
  }
}

/** @param integrity `sha512-` and the hash in base 64 */
export function assertIntegrity(name: string, bytes: Uint8Array, integrity: string): void {
  const found = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  if (found !== integrity)
    throw new FetchError(`${name} is not what was pinned: ${found}, not ${integrity}.`);
}
