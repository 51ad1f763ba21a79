/** The way to an agent: through the engine of its container, or by ssh to its machine. */
import type { ChildProcess } from 'node:child_process';
import type { Duplex, Readable, Writable } from 'node:stream';
import type { Container } from 'dockerode';
import { machineFolder } from '../../plan/machines';
import { Demultiplexer } from '../docker/demultiplexer';
import { engineOf, onEngineOf, unanswering } from '../docker/connection';
import { LabError } from '../docker/errors';
import { wasSilent } from '../docker/in-time';
import { lineOf, type Machine } from '../machines/machine';
import { isMachine, type NodeBody } from './body';

const ARGV = [`${machineFolder}/bin/node`, `${machineFolder}/programs/lab-agent.mjs`];

export interface AgentWay {
  readonly write: (bytes: Uint8Array) => void;
  /** Calls these as it hears; `gone` once. */
  listen(heard: {
    readonly stdout: (bytes: Buffer) => void;
    readonly stderr: (bytes: Buffer) => void;
    readonly gone: () => void;
  }): void;
  /** A lab command ends when it has nothing to wait for; the way alone is nothing. */
  keepAwake(awake: boolean): void;
  /** Bytes that wait to be written. */
  unsent(): number;
  /** Ends it, as nothing comes by it any more. @returns what that means */
  silent(for_s: number): LabError;
  /** What it means that it is gone. @param said outside of frames */
  cutOff(said: string): LabError;
}

export const openWay = (body: NodeBody): Promise<AgentWay> =>
  isMachine(body) ? Promise.resolve(wayBySsh(body)) : wayByEngine(body);

async function wayByEngine(container: Container): Promise<AgentWay> {
  const stream: Duplex = await onEngineOf(container, async (abortSignal) => {
    const run = await container.exec({
      Cmd: ARGV,
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      abortSignal,
    });
    // Hijacking makes the connection a two-way stream.
    return run.start({ hijack: true, stdin: true, abortSignal });
  });
  return {
    unsent: () => stream.writableLength,
    silent(for_s) {
      stream.destroy();
      const engine = engineOf(container);
      wasSilent(engine);
      return unanswering(engine, `nothing was heard of a node on it for ${for_s} s`);
    },
    write: (bytes) => stream.write(bytes),
    listen({ stdout, stderr, gone }) {
      const demultiplexer = new Demultiplexer((output, bytes) =>
        output === 'stderr' ? stderr(bytes) : stdout(bytes),
      );
      stream.on('data', (piece: Buffer) => demultiplexer.read(piece));
      for (const event of ['end', 'close', 'error']) stream.once(event, gone);
    },
    keepAwake: (awake) => hold(stream, awake),
    cutOff: (said) =>
      new LabError(
        'COMMAND_CUT_OFF',
        `The node, or the lab's agent in it, has ended${said === '' ? '' : `: ${said}`}.`,
        'Take the lab down and start it again.',
      ),
  };
}

function wayBySsh(machine: Machine): AgentWay {
  let heard: (bytes: Buffer) => void;
  const child = machine.begin(lineOf(ARGV), (said) => said.on('data', (bytes: Buffer) => heard(bytes)));
  return {
    unsent: () => child.stdin.writableLength,
    silent(for_s) {
      child.process.kill('SIGKILL');
      return machine.unreachable(`nothing was heard of it for ${for_s} s`);
    },
    write: (bytes) => child.stdin.write(bytes),
    listen({ stdout, stderr, gone }) {
      heard = stdout;
      child.stderr.on('data', stderr);
      child.process.once('error', gone).once('close', gone);
    },
    keepAwake(awake) {
      for (const one of [child.process, child.stdin, child.stdout, child.stderr]) hold(one, awake);
    },
    cutOff: child.failure,
  };
}

function hold(one: Readable | Writable | ChildProcess, awake: boolean): void {
  const socket = one as Partial<Pick<NodeJS.Process['stdin'], 'ref' | 'unref'>>;
  if (awake) socket.ref?.();
  else socket.unref?.();
}
