/** Which engines a lab stands on: `--engine a=unix:///run/a.sock`, as often as there are, and `--engines <file>`. */
import type { Command } from 'commander';
import { UsageError } from './usage-error';

type Addresses = Readonly<Record<string, string>>;

/** One more of them. */
export function engineSaid(written: string, before: Addresses = {}): Addresses {
  const [, name, address] = /^([a-z][a-z0-9-]*)=(.+)$/.exec(written) ?? [];
  if (name === undefined || address === undefined)
    throw new UsageError(
      `${written} names no engine.`,
      'Write --engine <name>=<address>, the name in lower case, for example --engine b=ssh://ops@host-b, or b=context:prod.',
    );
  return joined(before, { [name]: address });
}

export const withEngineOptions = (command: Command): Command =>
  command
    .option(
      '--engine <name=address>',
      'a Docker engine to stand on, such as b=ssh://ops@host-b or b=context:prod; may be said again',
      engineSaid,
    )
    .option(
      '--engines <file>',
      'a file in YAML or JSON that names engines: engines: { b: ssh://ops@host-b }',
    );

/** @param command that is about to be run */
export async function useEnginesSaid(command: Command): Promise<void> {
  const { engine = {}, engines: file } = command.opts<{ engine?: Addresses; engines?: string }>();
  const said = file === undefined ? engine : joined(await readEngines(file), engine);
  if (Object.keys(said).length === 0) return;
  const { useEngines } = await import('../../engine/docker/connection');
  await useEngines(said);
}

async function readEngines(file: string): Promise<Addresses> {
  const { enginesIn } = await import('../../engine/docker/engines-file');
  return enginesIn(file);
}

function joined(one: Addresses, other: Addresses): Addresses {
  const twice = Object.keys(other).find((name) => name in one);
  if (twice === undefined) return { ...one, ...other };
  throw new UsageError(`Two engines are called ${twice}.`, 'Give each a name of its own.');
}
