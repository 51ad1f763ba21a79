import type { Command } from 'commander';
import { forwardedSignals } from '../../terminal/interrupt';
import { tell } from '../../terminal/output';
import { UsageError } from '../../options/usage-error';
import { wholeNumber } from '../../options/whole-number';
import { deviceOf } from '../../../topology/machines';

interface CaptureOptions {
  readonly name?: string;
  readonly device?: string;
  readonly filter?: string;
  readonly count?: string;
}

const COUNT_MAX = 100_000_000;

export function registerCapture(program: Command): void {
  program
    .command('capture')
    .description(
      'Write what passes nodes as one pcapng stream, an interface for each node, until Ctrl-C: into a file, or live into Wireshark.',
    )
    .argument('[node...]', 'for example client test (default: all)')
    .option('--name <name>', 'the lab (default: the only one)')
    .option('--device <device>', "of each node; any for all of them (default: its network's)")
    .option('--filter <expression>', 'frames that match this pcap filter only')
    .option('--count <frames>', 'end behind so many')
    .addHelpText(
      'after',
      "\nExample:\n  lab capture > all.pcapng\n  lab capture client test --filter 'tcp port 80' | wireshark -k -i -",
    )
    .action(async (names: readonly string[], { name, device, filter, count }: CaptureOptions) => {
      const frames_max = wholeNumber('--count', count, 1, COUNT_MAX);
      const [{ assertEngineAnswers }, { openLab }, { captureNodes }] = await Promise.all([
        import('../../../engine/docker/connection'),
        import('../../../engine/running/running-lab'),
        import('../../../capture/capture-nodes'),
      ]);
      if (process.stdout.isTTY)
        throw new UsageError(
          'A capture is no text for a terminal: write it into a file (`> all.pcapng`), or into a program (`| wireshark -k -i -`).',
        );
      await assertEngineAnswers();
      const lab = await openLab(name);
      const nodes = names.length === 0 ? lab.nodes : [...new Set(names)].map((one) => lab.node(one));
      // A reader that has read enough goes away.
      const reader = new AbortController();
      process.stdout.on('error', () => reader.abort());
      const { frames, dropped } = await captureNodes(
        { nodes, device: device ?? ((node) => deviceOf(node.definition)), filter, frames_max },
        {
          write: (bytes) => void process.stdout.write(bytes),
          get waiting_bytes() {
            return process.stdout.writableLength;
          },
        },
        AbortSignal.any([forwardedSignals(), reader.signal]),
        () => tell(`Capturing on ${nodes.map((node) => node.name).join(', ')} until Ctrl-C.`),
      );
      const each = nodes.map((node) => `${frames.get(node.name) ?? 0} on ${node.name}`);
      tell(`Frames: ${each.join(', ')}; ${dropped} dropped.`);
    });
}
