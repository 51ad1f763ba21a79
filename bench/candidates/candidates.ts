/** What is compared: ours with each backend, and builds of the C original, if there are some. */
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Flavour } from '../../lab/plan/flavour';
import { BenchError } from '../stage/bench-error';

export interface Candidate {
  /** What it is called on the command line and in tables. */
  readonly id: string;
  readonly flavour: Flavour;
  readonly architecture: 'traditional' | 'data-link';
  /** Options of both programs, as far as they know them. */
  readonly options: readonly string[];
  /** Of programs that are not the image's: every file of their directory, by name. */
  readonly files: ReadonlyMap<string, Buffer>;
}

const ours: readonly Candidate[] = ['packages', 'ring'].map((io) => ({
  id: io,
  flavour: 'ours',
  architecture: 'traditional',
  options: ['--io', io],
  files: new Map(),
}));

const peers: readonly Omit<Candidate, 'files'>[] = [
  { id: '0.9', flavour: '0.9', architecture: 'traditional', options: [] },
  { id: '1.x', flavour: '1.x', architecture: 'data-link', options: [] },
];

/** Ours, and those of the original that `directory` holds, each in a directory that is called like its flavour. */
export async function candidatesFor(
  directory: string | undefined,
  only: readonly string[],
): Promise<Candidate[]> {
  const all = [...ours, ...(directory === undefined ? [] : await peersIn(directory))];
  const unknown = only.filter((id) => !all.some((candidate) => candidate.id === id));
  if (unknown.length > 0) {
    throw new BenchError(
      'USAGE',
      `There is no candidate ${unknown.join(' or ')}.`,
      `There are: ${all.map(({ id }) => id).join(', ')}. PEER=<directory> adds what its 0.9/ and 1.x/ hold.`,
    );
  }
  return only.length === 0 ? all : all.filter(({ id }) => only.includes(id));
}

async function peersIn(directory: string): Promise<Candidate[]> {
  const found = await Promise.all(
    peers.map(async (peer) => ({ ...peer, files: await filesIn(resolve(directory, peer.id)) })),
  );
  const there = found.filter(({ files }) => files.has('tcpcopy') && files.has('intercept'));
  if (there.length > 0) return there;
  throw new BenchError(
    'USAGE',
    `${directory} holds no programs of the original.`,
    `PEER names a directory with 0.9/tcpcopy and 0.9/intercept, or 1.x/tcpcopy and 1.x/intercept.`,
  );
}

async function filesIn(directory: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(directory, name))] as const)),
  );
}
