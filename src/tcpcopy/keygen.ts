/** `tcpcopy keygen [FILE]`: makes a key for the control channel, in a file of its own or on standard output. */
import { createKeyFile, KeyFileError } from '../control/key-file';
import { watchOutput } from '../process/output';
import { drawKey, formatKeys } from '../control/sealed/key';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

const HELP = `tcpcopy keygen [FILE]: makes a key that tcpcopy and intercept prove to each other (--key-file).

Without FILE it is printed. FILE is made, and readable for its owner alone; one that is there is not written over.
Take it to the other machine by a way that nobody reads along (scp), with the same owner and mode.

To exchange a key while copying: add a new line behind the old one on both machines, and send both programs SIGHUP; then
let the new line stand first, and last take the old one out, with SIGHUP each time.
`;

/** @param argv behind the word `keygen` */
export function runKeygen(argv: readonly string[]): void {
  watchOutput('tcpcopy keygen');
  const [file] = argv;
  if (file === '-h' || file === '--help') process.stdout.write(HELP);
  else if (argv.length > 1 || file?.startsWith('-')) {
    process.stderr.write("tcpcopy keygen: takes one file, or none\nTry 'tcpcopy keygen --help'.\n");
    process.exitCode = EXIT_USAGE;
  } else make(file);
}

function make(file: string | undefined): void {
  const text = formatKeys([drawKey(new Date())]);
  if (file === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    createKeyFile(file, text);
  } catch (error) {
    if (!(error instanceof KeyFileError)) throw error;
    process.stderr.write(`tcpcopy keygen: ${error.message}\n`);
    process.exitCode = EXIT_FAILED;
  }
}
