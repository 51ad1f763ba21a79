import type { Command } from 'commander';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { forwardedSignals } from '../../terminal/interrupt';
import { tell } from '../../terminal/output';
import { UsageError } from '../../options/usage-error';

interface RecordOptions {
  readonly name?: string;
  readonly out: string;
  readonly node?: string;
  readonly seconds?: string;
}

export function registerRecord(program: Command): void {
  program
    .command('record')
    .description("Record what clients say to a lab's online server, with tcpdump there, until Ctrl-C.")
    .option('--name <name>', 'the lab (default: the only one)')
    .option('-o, --out <file>', 'where the capture goes, - for standard output', 'online.pcap')
    .option('--node <node>', 'the online server (default: the first that is copied)')
    .option('--seconds <number>', 'end by itself after so long')
    .addHelpText('after', '\nExample:\n  lab record -o online.pcap --seconds 10')
    .action(async (options: RecordOptions) => {
      const seconds = options.seconds === undefined ? undefined : Number(options.seconds);
      if (seconds !== undefined && !(seconds > 0 && seconds <= 86_400))
        throw new UsageError(`--seconds takes a number up to 86400, not ${options.seconds}.`);
      const [{ assertEngineAnswers }, { findLab }, { containerOf }, { execStreaming }] = await Promise.all([
        import('../../../engine/docker/connection'),
        import('../../../engine/labs/find'),
        import('../../../engine/labs/containers'),
        import('../../../engine/commands/exec-streaming'),
      ]);
      await assertEngineAnswers();
      const lab = await findLab(options.name);
      const { nodes, copies } = lab.topology;
      const name = options.node ?? copies[0]?.from;
      const port = name === undefined ? undefined : nodes[name]?.server?.port;
      if (name === undefined || port === undefined)
        throw new UsageError(`${name ?? 'No node'} of lab ${lab.name} is a server that is copied.`);
      const argv = ['tcpdump', '-i', 'eth0', '-U', '-s', '0', '-B', '32768', '-w', '-', `tcp port ${port}`];
      const out = options.out === '-' ? process.stdout : createWriteStream(options.out);
      const signals = [
        forwardedSignals(),
        ...(seconds === undefined ? [] : [AbortSignal.timeout(seconds * 1000)]),
      ];
      const streams = { stdout: out, stderr: process.stderr };
      // tcpdump needs this long to be handed what the kernel still holds back.
      const stop = delayed(AbortSignal.any(signals), FLUSH_MS);
      const status = await execStreaming(containerOf(lab, name), argv, streams, stop);
      if (out !== process.stdout) {
        out.end();
        await finished(out);
        tell(`Recorded to ${options.out}; play it with: lab replay ${options.out}`);
      }
      process.exitCode = status;
    });
}

const FLUSH_MS = 1_200;

/** Aborts so long after `signal`. */
function delayed(signal: AbortSignal, delay_ms: number): AbortSignal {
  const controller = new AbortController();
  signal.addEventListener('abort', () => setTimeout(() => controller.abort(), delay_ms), { once: true });
  return controller.signal;
}
