/** One pcapng stream of what passes devices of several nodes, an interface for each of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { packetsIn } from '../../src/wire/capture/capture-file';
import {
  emitPcapngFrame,
  emitPcapngInterface,
  emitPcapngSection,
  type WrittenFrame,
} from '../../src/wire/capture/emit-pcapng';
import { LabError } from '../engine/docker/errors';
import type { LabNode } from '../engine/commands/lab';
import { InTime } from './in-time';
import { LiveTap } from './live-tap';

export interface CaptureWanted {
  readonly nodes: readonly LabNode[];
  /** Of each of them, or by node. */
  readonly device: string | ((node: LabNode) => string);
  /** A pcap filter expression. */
  readonly filter?: string | undefined;
  /** Of all nodes together, after which it ends. */
  readonly frames_max?: number | undefined;
}

/** Where the stream goes. */
export interface CaptureSink {
  write(bytes: Uint8Array): void;
  /** What was written and not taken yet. */
  readonly waiting_bytes: number;
}

export interface CaptureSummary {
  /** By name of node. */
  readonly frames: ReadonlyMap<string, number>;
  /** For which there was no room: in a kernel, or as the reader was too slow. */
  readonly dropped: number;
}

/** Frames of different nodes come together within this time. */
const TOGETHER_MS = 200;
/** What a reader that is too slow may leave lying. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Resolves when it is aborted, has as many frames as are wanted, or all nodes are gone.
 *
 * @param onListening told when every node is listened to @throws LabError CAPTURE_REFUSED with what tcpdump said
 */
export async function captureNodes(
  wanted: CaptureWanted,
  sink: CaptureSink,
  signal: AbortSignal,
  onListening: () => void = () => undefined,
): Promise<CaptureSummary> {
  const { device, nodes } = wanted;
  const devices = new Map(
    nodes.map((node) => [node.name, typeof device === 'string' ? device : device(node)]),
  );
  const stream = new CaptureStream(sink, devices, wanted.frames_max);
  const taps: LiveTap[] = [];
  try {
    for (const node of wanted.nodes)
      taps.push(await start(node, { ...wanted, device: devices.get(node.name)! }, stream));
    onListening();
    const gone = Promise.all(taps.map((tap) => tap.ended)).then(() => true);
    for (let isOver = false; !isOver && !signal.aborted && !stream.isFull;) {
      isOver = await Promise.race([gone, sleep(TOGETHER_MS, false, { signal }).catch(() => true)]);
      stream.flush(Date.now() - TOGETHER_MS);
    }
  } finally {
    await Promise.all(taps.map((tap) => tap.stop()));
  }
  stream.flush(Infinity);
  return stream.summary(taps.reduce((sum, { dropped }) => sum + dropped, 0));
}

async function start(
  node: LabNode,
  { device, filter, frames_max }: Pick<CaptureWanted, 'filter' | 'frames_max'> & { readonly device: string },
  stream: CaptureStream,
) {
  try {
    return await LiveTap.start({ node, device, filter, frames_max }, (capture) =>
      stream.hear(node.name, capture),
    );
  } catch (cause) {
    throw new LabError(
      'CAPTURE_REFUSED',
      cause instanceof Error ? cause.message : String(cause),
      'Name devices as `lab exec <node> -- ip -br link` does, and filters as `man pcap-filter` says.',
      { cause },
    );
  }
}

interface HeardFrame extends Omit<WrittenFrame, 'interface'> {
  readonly node: string;
  readonly linkType: number;
}

class CaptureStream {
  readonly #heard = new InTime<HeardFrame>();
  /** Places of interfaces, by node and link type. */
  readonly #interfaces = new Map<string, number>();
  readonly #frames = new Map<string, number>();
  #written = 0;
  #dropped = 0;

  constructor(
    private readonly sink: CaptureSink,
    /** By node. */
    private readonly devices: ReadonlyMap<string, string>,
    private readonly frames_max = Infinity,
  ) {
    sink.write(emitPcapngSection());
  }

  get isFull(): boolean {
    return this.#written >= this.frames_max;
  }

  /** @param capture classic pcap, of whole frames */
  hear(node: string, capture: Uint8Array): void {
    for (const { timestamp = 0, offset, capturedLength, originalLength, linkType } of packetsIn(capture)) {
      const bytes = capture.slice(offset, offset + capturedLength);
      this.#heard.add({ node, linkType, timestamp, bytes, originalLength });
    }
  }

  /** @param until_ms since the epoch */
  flush(until_ms: number): void {
    for (const frame of this.#heard.take(until_ms / 1000)) {
      if (this.isFull) return;
      if (this.sink.waiting_bytes > WAITING_BYTES_MAX) {
        this.#dropped += 1;
        continue;
      }
      const place = this.#interfaceOf(frame);
      this.sink.write(emitPcapngFrame({ ...frame, interface: place }));
      this.#written += 1;
      this.#frames.set(frame.node, (this.#frames.get(frame.node) ?? 0) + 1);
    }
  }

  summary(droppedByKernels: number): CaptureSummary {
    return { frames: this.#frames, dropped: this.#dropped + droppedByKernels };
  }

  #interfaceOf({ node, linkType }: HeardFrame): number {
    const key = `${node} ${linkType}`;
    const known = this.#interfaces.get(key);
    if (known !== undefined) return known;
    const place = this.#interfaces.size;
    this.sink.write(emitPcapngInterface({ name: `${node}:${this.devices.get(node)}`, linkType }));
    this.#interfaces.set(key, place);
    return place;
  }
}
