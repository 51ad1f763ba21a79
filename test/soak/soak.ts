/** Plays parts one after the other, goes on behind one that fails, and tells at the end what was played. */
import type { SoakCommand, SoakPart } from './parts';

export interface SoakOptions {
  readonly seed: number;
  /** A share of the rounds; 1 for all. */
  readonly scale: number;
  /** Resolves with the exit status; the command prints its progress itself. */
  readonly run: (command: SoakCommand) => Promise<number>;
  readonly print: (line: string) => void;
}

interface Played {
  readonly part: SoakPart;
  readonly rounds: number;
  readonly status: number;
  readonly seconds: number;
}

/** Whether all of them held. */
export async function soak(
  parts: readonly SoakPart[],
  { seed, scale, run, print }: SoakOptions,
): Promise<boolean> {
  const played: Played[] = [];
  for (const part of parts) {
    const rounds = Math.max(1, Math.round(part.rounds * scale));
    print(`\n${part.name}: ${rounds} ${part.of}, from seed ${seed}`);
    const begun_ms = performance.now();
    const status = await run(part.command(seed, rounds));
    played.push({ part, rounds, status, seconds: Math.round((performance.now() - begun_ms) / 1000) });
  }
  print('\nplayed:');
  for (const { part, rounds, status, seconds } of played) {
    const verdict = status === 0 ? 'held  ' : 'FAILED';
    print(`  ${verdict}  ${part.name}: ${rounds} ${part.of}, ${seconds} s`);
  }
  const failed = played.filter(({ status }) => status !== 0).map(({ part }) => part.name);
  if (failed.length > 0) print(`again: make soak SEED=${seed} ARGS="${failed.join(' ')}"`);
  return failed.length === 0;
}

/** @throws Error that names those that there are */
export function chosen(parts: readonly SoakPart[], names: readonly string[]): readonly SoakPart[] {
  const unknown = names.find((name) => !parts.some((part) => part.name === name));
  if (unknown !== undefined)
    throw new Error(`There is no part ${unknown}. There are: ${parts.map(({ name }) => name).join(', ')}.`);
  return names.length === 0 ? parts : parts.filter(({ name }) => names.includes(name));
}
