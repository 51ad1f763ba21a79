/**
 * What is compared: ours with each backend, and where it is asked for with a key, an earlier build of ours, and builds of the C
 * original, where there are some.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Flavour } from '../../lab/plan/flavour';
import { BenchError } from '../stage/bench-error';
import type { Builds } from './options';

export interface Candidate {
  /** What it is called on the command line and in tables. */
  readonly id: string;
  /** Whose build it is: what is promised is promised of ours. */
  readonly origin: 'ours' | 'before' | 'original';
  readonly flavour: Flavour;
  readonly architecture: 'traditional' | 'data-link';
  /** Options of both programs, as far as they know them. */
  readonly options: readonly string[];
  /** Of programs that are not the image's: every file of their directory, by name. */
  readonly files: ReadonlyMap<string, Buffer>;
}

/** What tables and promises tell of it. */
export type Named = Pick<Candidate, 'id' | 'origin'>;

type Unread = Omit<Candidate, 'files'>;

const ours: readonly Candidate[] = ['packages', 'ring'].map((io) => ({
  id: io,
  origin: 'ours',
  flavour: 'ours',
  architecture: 'traditional',
  options: ['--io', io],
  files: new Map(),
}));

/** The backend that is ours by default, and what it is held against. */
export const DEFAULT_BACKEND = 'ring';
export const BEFORE = 'before';
/** Ours with a sealed control channel, to be held against the same build without: only by its name. */
export const KEYED = 'key';
/** In the nodes. */
export const KEY_FILE = '/tmp/candidate.key';

const keyed: Candidate = {
  id: KEYED,
  origin: 'ours',
  flavour: 'ours',
  architecture: 'traditional',
  options: ['--io', DEFAULT_BACKEND, '--key-file', KEY_FILE],
  files: new Map(),
};

const before: Unread = {
  id: BEFORE,
  origin: 'before',
  flavour: 'ours',
  architecture: 'traditional',
  options: ['--io', DEFAULT_BACKEND],
};

const peers: readonly Unread[] = [
  { id: '0.9', origin: 'original', flavour: '0.9', architecture: 'traditional', options: [] },
  { id: '1.x', origin: 'original', flavour: '1.x', architecture: 'data-link', options: [] },
];

/** All that there are, or those of `only`. */
export async function candidatesFor(builds: Builds, only: readonly string[]): Promise<Candidate[]> {
  const named = only.includes(KEYED) ? [keyed] : [];
  const all = [...ours, ...named, ...(await earlierIn(builds.before)), ...(await peersIn(builds.peer))];
  const unknown = only.filter((id) => !all.some((candidate) => candidate.id === id));
  if (unknown.length > 0) {
    throw new BenchError(
      'USAGE',
      `There is no candidate ${unknown.join(' or ')}.`,
      `There are: ${all.map(({ id }) => id).join(', ')}. PEER=<directory> adds what its 0.9/ and 1.x/ hold, BEFORE=<directory> an earlier build of ours.`,
    );
  }
  return only.length === 0 ? all : all.filter(({ id }) => only.includes(id));
}

async function earlierIn(directory: string | undefined): Promise<Candidate[]> {
  if (directory === undefined) return [];
  const candidate = { ...before, files: await filesIn(directory) };
  if (hasPrograms(candidate)) return [candidate];
  throw new BenchError(
    'USAGE',
    `${directory} does not hold the programs tcpcopy and intercept.`,
    'BEFORE names a directory that `make bench ARGS="programs <commit> <directory>"` has made.',
  );
}

async function peersIn(directory: string | undefined): Promise<Candidate[]> {
  if (directory === undefined) return [];
  const found = await Promise.all(
    peers.map(async (peer) => ({ ...peer, files: await filesIn(resolve(directory, peer.id)) })),
  );
  const there = found.filter(hasPrograms);
  if (there.length > 0) return there;
  throw new BenchError(
    'USAGE',
    `${directory} holds no programs of the original.`,
    `PEER names a directory with 0.9/tcpcopy and 0.9/intercept, or 1.x/tcpcopy and 1.x/intercept.`,
  );
}

const hasPrograms = ({ files }: Candidate): boolean => files.has('tcpcopy') && files.has('intercept');

async function filesIn(directory: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(directory, name))] as const)),
  );
}
