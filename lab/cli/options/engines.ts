/** Which engines a lab stands on: `--engine a=unix:///run/a.sock`, as often as there are. */
import type { Command } from 'commander';
import { UsageError } from './usage-error';

type Addresses = Readonly<Record<string, string>>;

/** One more of them. */
export function engineSaid(written: string, before: Addresses = {}): Addresses {
  const [, name, address] = /^([a-z][a-z0-9-]*)=(.+)$/.exec(written) ?? [];
  if (name === undefined || address === undefined)
    throw new UsageError(
      `${written} names no engine.`,
      'Write --engine <name>=<address>, for example --engine b=ssh://ops@host-b.',
    );
  if (name in before) throw new UsageError(`Two engines are called ${name}.`, 'Give each a name of its own.');
  return { ...before, [name]: address };
}

/** @param command that is about to be run */
export async function useEnginesSaid(command: Command): Promise<void> {
  const { engine } = command.opts<{ engine?: Addresses }>();
  if (engine === undefined) return;
  const { useEngines } = await import('../../engine/docker/connection');
  await useEngines(engine);
}
