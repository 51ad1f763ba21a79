/** The image that ours stand on: the ordinary Debian one where it can be had, else one made from Debian packages. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { docker } from '../docker/connection';
import { LabError, reasonOf } from '../docker/errors';
import { imageExists } from './build';
import { repository } from './recipes';
import type { Progress } from '../docker/progress';

const ordinary = 'debian:bookworm-slim';
const ours = `${repository}/base:bookworm`;

/** Where a registry is cut off without a refusal, a pull hangs; then the image is made instead. */
const pull_ms_max = 60_000;

/** The base image's name, if there is one on this machine already. */
export async function presentBase(): Promise<string | undefined> {
  for (const name of [ours, ordinary]) {
    if (await imageExists(name)) return name;
  }
  return undefined;
}

/** Pulls or makes the base image and returns its name. */
export async function obtainBase(progress: Progress, signal?: AbortSignal): Promise<string> {
  try {
    await progress.step(`pull ${ordinary}`, () => pullImage(ordinary, signal));
    return ordinary;
  } catch {
    signal?.throwIfAborted();
    progress.note('No registry is reached from here; the base image is made from Debian packages instead.');
  }
  await progress.step(`make ${ours} with mmdebstrap`, () => make(signal));
  return ours;
}

/** Rejects when the image cannot be had, or not in time. */
export async function pullImage(name: string, signal?: AbortSignal): Promise<void> {
  const limit = AbortSignal.timeout(pull_ms_max);
  const abortSignal = signal ? AbortSignal.any([signal, limit]) : limit;
  const stream = await docker().pull(name, { abortSignal });
  await new Promise<void>((resolve, reject) => {
    docker().modem.followProgress(stream, (error: Error | null) => (error ? reject(error) : resolve()));
  });
}

async function make(signal?: AbortSignal): Promise<void> {
  // Standard output is the root file system as a tar archive; the engine reads it as it comes.
  const mmdebstrap = spawn('mmdebstrap', ['--variant=minbase', '--quiet', 'bookworm', '-'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal && { signal }),
  });
  let complaint = '';
  mmdebstrap.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const ended = once(mmdebstrap, 'close') as Promise<[number | null]>;
  try {
    const importing = await docker().importImage(mmdebstrap.stdout, {
      repo: ours.split(':')[0],
      tag: ours.split(':')[1],
    });
    importing.resume();
    await once(importing, 'end');
    const [status] = await ended;
    if (status !== 0) throw new Error(complaint.trim() || `exit status ${status ?? 'none'}`);
  } catch (cause) {
    mmdebstrap.kill();
    await docker()
      .getImage(ours)
      .remove()
      .catch(() => undefined);
    signal?.throwIfAborted();
    throw new LabError(
      'BASE_IMAGE_UNAVAILABLE',
      `No base image: ${ordinary} cannot be pulled, and mmdebstrap could not make one: ${reasonOf(cause)}`,
      `Install mmdebstrap (in a checkout \`make bootstrap\` does, on Debian), or load ${ordinary} with \`docker load\`.`,
      { cause },
    );
  }
}
