/** `lab up` and `lab verify`, killed at a moment of chance: what comes next is as if nothing had been. */
import { afterAll, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { join } from 'node:path';
import { findLabs } from '../../lab/library';
import { drawnFrom, drawSeed } from '../stage/drawn';

const NAME = 'e2e-killed-commands';
const program = join(import.meta.dirname, '../../bin/lab');
const lab = (...words: readonly string[]) =>
  execa(program, [...words, '--name', NAME], { reject: false, all: true });

/** Moments are drawn from what each takes on a machine that has other work as well. */
const COMMANDS = {
  up: { words: ['up', 'traditional'], lasts_ms: 6_000 },
  verify: { words: ['verify', '--requests', '2400'], lasts_ms: 9_000 },
} as const;
type Command = keyof typeof COMMANDS;

/** Its multiples are spread evenly, however many there are. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;
/** The first, and how many of each; `make soak` plays twenty. */
const given = process.env['KILLED_COMMANDS']?.split(',').map(Number);
const [first = Number(drawSeed), rounds = 1] = given ?? [];
const played: readonly Command[] = given ? ['up', 'verify'] : drawnFrom(['up', 'verify'] as const, 1);
const moments = played.flatMap((command) =>
  Array.from({ length: rounds }, (_, round) => ({
    command,
    at_ms: Math.round(COMMANDS[command].lasts_ms * ((GOLDEN * (first + round)) % 1)),
  })),
);

async function killed(words: readonly string[], at_ms: number): Promise<void> {
  const command = lab(...words);
  const timer = setTimeout(() => command.kill('SIGKILL'), at_ms);
  await command;
  clearTimeout(timer);
}

async function succeeds(...words: readonly string[]): Promise<void> {
  const { exitCode, all } = await lab(...words);
  expect(exitCode === 0 ? '' : all).toBe('');
}

afterAll(() => lab('down'));

test.each(moments)('$command that is killed after $at_ms ms is gone for the next one', async (moment) => {
  const { words } = COMMANDS[moment.command];
  if (moment.command === 'verify') await succeeds(...COMMANDS.up.words);
  await killed(words, moment.at_ms);
  await succeeds(...COMMANDS.up.words);
  await succeeds('status');
  await succeeds('verify', '--requests', '240');
  await succeeds('down');
  expect((await findLabs()).map(({ name }) => name)).not.toContain(NAME);
});
