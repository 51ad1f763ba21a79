/** How the commands talk: results on standard output, everything about the way there on standard error. */
import type { Progress } from '../../engine/docker/progress';

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

export function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** As of a wrong command line: what came of it is in nobody's hands. */
const EXIT_UNREAD = 2;

/**
 * A reader who has seen enough (`lab plan | head`) is no failure, and must not stop what is under way; whatever else keeps the results
 * from standard output, such as a full disk, is told once, and is the exit status.
 */
export function watchOutput(): void {
  let isTold = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || isTold) return;
    isTold = true;
    tell(`lab: standard output cannot be written: ${error.message}`);
    process.once('exit', () => (process.exitCode = EXIT_UNREAD));
  });
  // Where nobody hears what is told, there is nobody to tell.
  process.stderr.on('error', () => undefined);
}

/** Tells each step as it ends, with its duration. */
export const told: Progress = {
  async step(title, work) {
    const started_ms = performance.now();
    const duration = (): string => `${((performance.now() - started_ms) / 1000).toFixed(2)} s`.padStart(8);
    // A long step is announced, so that nobody waits before an empty line.
    const announcement = setTimeout(() => {
      tell(`       …  ${title}`);
    }, 3_000);
    try {
      const result = await work();
      tell(`${duration()}  ${title}`);
      return result;
    } catch (failure) {
      tell(`${duration()}  ${title}: failed`);
      throw failure;
    } finally {
      clearTimeout(announcement);
    }
  },
  note: (sentence) => tell(`          ${sentence}`),
};

/** The same, where several things are under way: each line says which one it is about. */
export const toldOf = (name: string): Progress => ({
  step: (title, work) => told.step(`${name}: ${title}`, work),
  note: (sentence) => told.note(`${name}: ${sentence}`),
});

/** Text columns with two spaces between them. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
