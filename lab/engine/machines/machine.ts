/** A machine that is a node, reached by this machine's ssh: lines of shell there, as root. */
import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { machineFolder } from '../../plan/machines';
import { quoted } from '../../plan/words';
import { machinesIn } from '../../topology/machines';
import type { AnyTopology } from '../../topology/types';
import { announced, forAnyShell, whenBegun } from '../docker/begun';
import { LabError } from '../docker/errors';
import { ALIVE, sshWords, UNATTENDED } from '../docker/over-ssh';
import { reasonOfSsh } from '../docker/ssh-reason';

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

  /**
   * Starts a line of shell.
   *
   * @param hear called when it has begun, with what it will say @param tty it gets a terminal, as this program has one
   */
  begin(line: string, hear: (stdout: Readable) => void, { tty = false } = {}): MachineCommand {
    const [ssh, ...given] = sshWords();
    const argv = [...given, tty ? '-tt' : '-T', ...UNATTENDED, ...ALIVE, '--', this.ssh, asRoot(line)];
    const process = spawn(ssh!, argv, { stdio: ['pipe', 'pipe', 'pipe'] });
    const { stdin, stdout, stderr } = process;
    // It need not read to the end what it is given.
    stdin.on('error', () => undefined);
    let hasBegun = false;
    const before = whenBegun(stdout, () => {
      hasBegun = true;
      hear(stdout);
    });
    const failure = (said: string): LabError =>
      hasBegun || process.pid === undefined || process.exitCode === FAILED
        ? this.unreachable(said)
        : this.closed(said || before());
    return { process, stdin, stdout, stderr, failure, hasBegun: () => hasBegun };
  }

  /** Runs a line of shell to its end. @throws LabError `MACHINE_UNREACHABLE`, `MACHINE_UNFIT` where nobody becomes root */
  async run(line: string, input?: Readable): Promise<Said> {
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    const child = this.begin(line, (heard) => heard.on('data', (bytes: Buffer) => stdout.push(bytes)));
    child.stderr.on('data', (bytes: Buffer) => stderr.push(bytes));
    if (input) input.pipe(child.stdin);
    else child.stdin.end();
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.process.once('error', (cause) => reject(this.unreachable(cause.message)));
      child.process.once('close', (code) => resolve(code ?? FAILED));
    });
    const said = Buffer.concat(stderr).toString().trim();
    if (exitCode === FAILED || !child.hasBegun()) throw child.failure(said);
    return { exitCode, stdout: Buffer.concat(stdout).toString(), stderr: said };
  }

  unreachable(said: string): LabError {
    const { reason, mend } = reasonOfSsh(said);
    return new LabError(
      'MACHINE_UNREACHABLE',
      `${this.name} (${this.ssh}) does not answer by ssh${reason === '' ? '' : `: ${reason}`}.`,
      `${mend} What a lab has left there, \`lab down\` removes once it answers.`,
    );
  }

  /** Whoever logs in there is let in, and nothing is begun for him. */
  private closed(said: string): LabError {
    return new LabError(
      'MACHINE_UNFIT',
      `Nothing can be done as root on ${this.name} (${this.ssh})${said === '' ? '' : `: ${inALine(said)}`}.`,
      'Name root, or somebody with a shell who may do all without a password: `sudo -n true` has to succeed there.',
    );
  }
}

export interface MachineCommand {
  readonly process: ChildProcess;
  readonly stdin: Writable;
  /** To be read once it has begun. */
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly hasBegun: () => boolean;
  /** What it means that it is over before its time. @param said on its standard error */
  readonly failure: (said: string) => LabError;
}

const inALine = (said: string): string => said.split('\n').join('; ').replace(/\.$/, '');

/** By the names of nodes. */
export const machinesOf = (topology: Pick<AnyTopology, 'nodes'>): Map<string, Machine> =>
  new Map([...machinesIn(topology)].map(([name, { ssh }]) => [name, new Machine(name, ssh)]));

/** A command that finds the programs of the lab before others, as a line of shell. @param variables further ones that it has */
export const lineOf = (argv: readonly string[], variables: readonly string[] = []): string =>
  `exec env PATH=${machineFolder}/sbin:"$PATH":/usr/sbin:/sbin ${quoted([...variables, ...argv])}`;

/** Whoever logs in is root, or may become it without a password. */
function asRoot(line: string): string {
  const command = quoted(['sh', '-c', announced(line)]);
  return forAnyShell(`if [ "$(id -u)" = 0 ]; then exec ${command}; else exec sudo -n ${command}; fi`);
}
