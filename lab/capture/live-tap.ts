/** A tap whose frames are read while they come. */
import { clockOf } from '../engine/commands/clock';
import type { Conversation, LabNode } from '../engine/commands/lab';
import { PcapPieces } from '../../src/wire/capture/pcap-pieces';
import { moved } from './moved';

/** tcpdump ends when its input does, also when this program is killed. */
const SCRIPT = 'tcpdump "$@" & tap=$!; cat >/dev/null; kill "$tap" 2>/dev/null; wait "$tap"';
const LISTENS_WITHIN_MS = 10_000;

export interface TapWanted {
  readonly node: LabNode;
  readonly device: string;
  /** A pcap filter expression; none on devices that take none. */
  readonly filter?: string | undefined;
  /** Frames, after which it ends by itself; none: it goes on. */
  readonly frames_max?: number | undefined;
}

export class LiveTap {
  private constructor(
    private readonly talk: Conversation,
    hear: (capture: Uint8Array) => void,
  ) {
    const pieces = new PcapPieces();
    talk.stdout.on('data', (bytes: Buffer) => {
      const capture = pieces.push(bytes);
      if (capture) hear(capture);
    });
  }

  /**
   * Resolves when it listens.
   *
   * @param hear is handed captures of whole frames, by this machine's clock @throws Error with what tcpdump said when it does not listen
   */
  static async start(wanted: TapWanted, hear: (capture: Uint8Array) => void): Promise<LiveTap> {
    const { node, device, filter, frames_max } = wanted;
    const options = [
      '-i',
      device,
      '-n',
      '-U',
      '--immediate-mode',
      '-s',
      '0',
      ...(frames_max === undefined ? [] : ['-c', `${frames_max}`]),
      '-w',
      '-',
    ];
    const argv = ['sh', '-c', SCRIPT, 'sh', ...options, ...(filter === undefined ? [] : [filter])];
    const ahead_ms = node.definition.on === undefined ? 0 : (await clockOf(node)).ahead_ms;
    const talk = await node.converse(argv);
    const tap = new LiveTap(talk, (capture) =>
      hear(ahead_ms === 0 ? capture : moved(capture, -ahead_ms / 1000)),
    );
    const deadline_ms = performance.now() + LISTENS_WITHIN_MS;
    while (!talk.stderr().includes('listening on')) {
      const said = /^tcpdump: (?!listening|verbose|WARNING)(.*)\n/m.exec(talk.stderr())?.[1];
      if (said !== undefined || performance.now() > deadline_ms) {
        await tap.stop();
        throw new Error(`A tap on ${device} of ${node.name} does not listen: ${said ?? 'it said nothing'}.`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return tap;
  }

  /** It has recorded all that it may. */
  get isSpent(): boolean {
    return this.talk.stderr().includes('packets captured');
  }

  /** Resolves when it has ended, by itself or not. */
  get ended(): Promise<void> {
    return this.talk.ended;
  }

  /** Frames that the kernel had no room for; known when it has ended. */
  get dropped(): number {
    return Number(/^(\d+) packets? dropped by kernel/m.exec(this.talk.stderr())?.[1] ?? 0);
  }

  async stop(): Promise<void> {
    this.talk.stdin.end();
    await this.talk.ended;
  }
}
