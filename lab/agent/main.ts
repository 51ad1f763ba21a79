/**
 * `lab-agent`: runs in a node for as long as a lab command uses the node, and starts commands for it. Starting one costs the
 * engine a container's whole set-up anew; here it costs a fork.
 */
import { Commands } from './commands';
import { frameOf, FrameReader, type ToAgent } from './frames';

const reader = new FrameReader<ToAgent>();
const commands = new Commands((kind, command, body) => {
  process.stdout.write(frameOf(kind, command, body));
});

process.stdin.on('data', (piece: Buffer) => {
  for (const frame of reader.read(piece)) commands.hear(frame);
});
// The lab command has ended, however that was. What it has started goes on, or not, as it would without an agent.
process.stdin.on('end', () => process.exit(0));
process.stdout.on('error', () => process.exit(0));
