/** What keeps a program from printing: a reader who has seen enough, or a disk that is full. */

/** As of a wrong command line: what came of it is in nobody's hands. */
const EXIT_UNREAD = 2;

const watched = new WeakSet<NodeJS.WritableStream>();

/**
 * Whoever reads no further (`| head`) is no failure, and does not stop what is under way; anything else is told on standard error, once,
 * and is the exit status.
 *
 * @param name of the command, as in `tcpcopy compare`
 */
export function watchOutput(name: string, stream: NodeJS.WritableStream = process.stdout): void {
  if (watched.has(stream)) return;
  watched.add(stream);
  let isTold = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || isTold) return;
    isTold = true;
    process.stderr.write(`${name}: standard output cannot be written: ${error.message}\n`);
    process.once('exit', () => (process.exitCode = EXIT_UNREAD));
  });
}
