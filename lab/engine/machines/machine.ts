/** A machine that is a node, reached by this machine's ssh: lines of shell there, as root. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Readable } from 'node:stream';
import { machineFolder } from '../../plan/machines';
import { quoted } from '../../plan/words';
import { machinesIn } from '../../topology/machines';
import type { AnyTopology } from '../../topology/types';
import { LabError } from '../docker/errors';
import { ALIVE, sshWords, UNATTENDED } from '../docker/over-ssh';

/** Of ssh itself (ssh(1), "EXIT STATUS"). */
const FAILED = 255;

export interface Said {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class Machine {
  /** The same for the same machine. */
  readonly id: string;

  /** @param name of the node @param ssh as ssh takes it */
  constructor(
    readonly name: string,
    readonly ssh: string,
  ) {
    this.id = `ssh ${ssh}`;
  }

  /** Starts a line of shell. @param tty it gets a terminal, as this program has one */
  begin(line: string, { tty = false } = {}): ChildProcessWithoutNullStreams {
    const [ssh, ...given] = sshWords();
    const argv = [...given, tty ? '-tt' : '-T', ...UNATTENDED, ...ALIVE, '--', this.ssh, asRoot(line)];
    const child = spawn(ssh!, argv, { stdio: ['pipe', 'pipe', 'pipe'] });
    // It need not read to the end what it is given.
    child.stdin.on('error', () => undefined);
    return child;
  }

  /** Runs a line of shell to its end. @throws LabError `MACHINE_UNREACHABLE` */
  async run(line: string, input?: Readable): Promise<Said> {
    const child = this.begin(line);
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => stderr.push(bytes));
    if (input) input.pipe(child.stdin);
    else child.stdin.end();
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', (cause) => reject(this.unreachable(cause.message)));
      child.once('close', (code) => resolve(code ?? FAILED));
    });
    const said = Buffer.concat(stderr).toString().trim();
    if (exitCode === FAILED) throw this.unreachable(said);
    return { exitCode, stdout: Buffer.concat(stdout).toString(), stderr: said };
  }

  unreachable(said: string): LabError {
    return new LabError(
      'MACHINE_UNREACHABLE',
      `${this.name} (${this.ssh}) does not answer by ssh${said === '' ? '' : `: ${said}`}.`,
      'Look at `ssh` to it, without a password. What a lab has left there, `lab down` removes once it answers.',
    );
  }
}

/** By the names of nodes. */
export const machinesOf = (topology: Pick<AnyTopology, 'nodes'>): Map<string, Machine> =>
  new Map([...machinesIn(topology)].map(([name, { ssh }]) => [name, new Machine(name, ssh)]));

/** A command that finds the programs of the lab before others, as a line of shell. */
export const lineOf = (argv: readonly string[]): string =>
  `exec env PATH=${machineFolder}/sbin:"$PATH":/usr/sbin:/sbin ${quoted(argv)}`;

/** Whoever logs in is root, or may become it without a password. */
function asRoot(line: string): string {
  const command = quoted(['sh', '-c', line]);
  return quoted([
    'sh',
    '-c',
    `if [ "$(id -u)" = 0 ]; then exec ${command}; else exec sudo -n ${command}; fi`,
  ]);
}
