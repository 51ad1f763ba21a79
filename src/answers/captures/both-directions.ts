/** From the frames of a capture to the segments of both directions between clients and a server. */
import type { CapturedPacket } from '../../wire/capture/capture-format';
import { emptyCursor, ETHERTYPE, type Cursor } from '../../wire/encapsulation/cursor';
import { enterFrame } from '../../wire/encapsulation/link';
import { LINKTYPE_NFLOG, loggedPacket } from '../../wire/encapsulation/nflog';
import { unwrap } from '../../wire/encapsulation/unwrap';
import type { Address } from '../../wire/address/address';
import { FragmentTable } from '../../wire/ip/fragments';
import { emptySegmentView, viewSegment, type SegmentView } from '../../wire/segment';

export interface ServerEndpoint {
  /** Undefined for any. */
  readonly address: Address | undefined;
  readonly port: number;
}

export interface Direction {
  readonly from: 'client' | 'server';
  /** Borrowed until the next one. */
  readonly segment: SegmentView;
}

export class BothDirections {
  /** Segments whose end was not captured (`-s` too small): they are missing in their streams. */
  cutOff = 0;
  readonly #view = emptySegmentView();
  readonly #cursor = emptyCursor();
  readonly #fragments = new FragmentTable(() => undefined);

  /** @param servers where they are asked @param others that are none of them, though the port may be the same */
  constructor(
    private readonly servers: readonly ServerEndpoint[],
    private readonly others: readonly ServerEndpoint[] = [],
  ) {}

  /** Undefined for everything else. */
  take(bytes: Uint8Array, packet: CapturedPacket, time_s: number): Direction | undefined {
    const cursor = this.#cursor;
    if (!enter(cursor, bytes, packet)) return undefined;
    let end = unwrap(cursor);
    while (end === 'fragment') {
      const whole = this.#fragments.add(cursor.bytes, cursor.at, cursor.end - cursor.at, time_s);
      if (!whole) return undefined;
      stand(cursor, whole);
      end = unwrap(cursor);
    }
    if (end !== 'tcp') return undefined;
    const view = this.#view;
    const { at, wireEnd } = cursor;
    if (viewSegment(view, cursor.bytes, at, cursor.end - at, 'headers', wireEnd - at)) return undefined;
    const from = this.#from(view);
    if (!from) return undefined;
    if (view.payloadOffset + view.payloadLength > cursor.end) {
      this.cutOff += 1;
      return undefined;
    }
    return { from, segment: view };
  }

  #from({ source, sourcePort, destination, destinationPort }: SegmentView): Direction['from'] | undefined {
    if (this.#isServer(destination, destinationPort)) return 'client';
    return this.#isServer(source, sourcePort) ? 'server' : undefined;
  }

  #isServer(address: Address, port: number): boolean {
    const isIt = (server: ServerEndpoint): boolean =>
      server.port === port && (server.address === undefined || server.address === address);
    return this.servers.some(isIt) && !this.others.some(isIt);
  }
}

function enter(cursor: Cursor, bytes: Uint8Array, packet: CapturedPacket): boolean {
  const { offset, capturedLength, originalLength, linkType } = packet;
  if (linkType !== LINKTYPE_NFLOG)
    return enterFrame(cursor, bytes, offset, capturedLength, originalLength, linkType) === undefined;
  const logged = loggedPacket(Buffer.from(bytes.buffer, bytes.byteOffset + offset, capturedLength));
  if (!logged || logged.length === 0) return false;
  // What encloses it is not taken off again: the cursor may be in any state.
  Object.assign(cursor, emptyCursor());
  stand(cursor, logged);
  return true;
}

function stand(cursor: Cursor, packet: Uint8Array): void {
  cursor.bytes = packet;
  cursor.at = 0;
  cursor.end = cursor.wireEnd = packet.length;
  cursor.type = packet[0]! >>> 4 === 6 ? ETHERTYPE.ipv6 : ETHERTYPE.ipv4;
}
