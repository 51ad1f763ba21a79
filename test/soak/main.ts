/** `make soak`: all that is long by nature, or the parts that are named. SEED and SCALE say which of it, and how much. */
import { execa } from 'execa';
import { parts } from './parts';
import { chosen, soak } from './soak';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Below 2^31, and different on every day. */
const seedOfToday = (): number => Math.floor(Date.now() / 1000) % 0x7000_0000;

/** @throws Error that names the variable */
function positive(name: string, otherwise: number): number {
  const text = process.env[name] ?? '';
  const value = text === '' ? otherwise : Number(text);
  if (value > 0) return value;
  throw new Error(`${name} is ${text}: give a number above 0.`);
}

try {
  const held = await soak(chosen(parts, process.argv.slice(2)), {
    seed: positive('SEED', seedOfToday()),
    scale: positive('SCALE', 1),
    print,
    async run({ argv: [program, ...argv], env = {} }) {
      const { exitCode } = await execa(program, argv, { env, stdio: 'inherit', reject: false });
      return exitCode ?? 1;
    },
  });
  process.exitCode = held ? 0 : 1;
} catch (error) {
  print(`soak: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
