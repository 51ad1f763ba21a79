/** From the frames of a capture to what clients said to the copied endpoints; everything else is counted, by reason. */
import type { CapturedPacket } from '../../wire/capture/capture-format';
import { emptyCursor, ETHERTYPE, type Cursor, type WalkFault } from '../../wire/encapsulation/cursor';
import type { WalkEnd } from '../../wire/encapsulation/ip';
import { unwrap } from '../../wire/encapsulation/unwrap';
import { familyOf, formatAddress, type Address } from '../../wire/address/address';
import { FragmentTable, type FragmentFault } from '../../wire/ip/fragments';
import { readFragment } from '../../wire/ip/fragment';
import { IP_PROTOCOL_TCP } from '../../wire/ip/ipv4';
import { enterFrame, linkTypeName, type LinkFault } from '../../wire/encapsulation/link';
import { emptySegmentView, viewSegment, type SegmentFault, type SegmentView } from '../../wire/segment';
import type { CapturedEndpoint } from '../filter';
import { Survey } from './survey';

/** Why a frame is no client segment that can be played. */
export type FrameReject =
  | SegmentFault
  | LinkFault
  | WalkFault
  /** TCP, but not to a copied endpoint: the servers' own words among others. */
  | 'not-copied'
  /** A fragment that does not make its datagram whole. */
  | 'fragment-part';

/** Told of each segment between a client and a copied endpoint, of either direction, by its headers; the view is borrowed for the call. */
export interface BothWays {
  /** @param timestamp when it was captured, in seconds */
  client(view: SegmentView, timestamp: number): void;
  server(view: SegmentView, timestamp: number): void;
}

export class FrameIntake {
  /** Of the frame that was taken last, if it was. */
  readonly view = emptySegmentView();
  /** Which endpoint that one is for. */
  endpoint = 0;
  readonly survey = new Survey();
  readonly #cursor = emptyCursor();
  readonly #fragments: FragmentTable;
  /** Of what may be a tunnel's packets, and often is not. */
  readonly #others: FragmentTable;
  /** Something for a copied endpoint: then nobody asks what else there is. */
  #found = false;

  /** @param lost told of each packet whose fragments did not become whole */
  constructor(
    private readonly endpoints: readonly CapturedEndpoint[],
    lost: (reason: FragmentFault) => void,
    private readonly bothWays?: BothWays,
  ) {
    this.#fragments = new FragmentTable(lost);
    this.#others = new FragmentTable((reason, begun) => {
      if (begun) lost(reason);
    });
  }

  /**
   * Takes a frame that stands in `bytes`; they are borrowed until the next one.
   *
   * @param timestamp when it was captured, or the one before, in seconds
   * @returns why it is none, or undefined
   */
  take(bytes: Uint8Array, frame: CapturedPacket, timestamp: number): FrameReject | undefined {
    const { offset, capturedLength, originalLength, linkType } = frame;
    this.survey.linkType(linkType);
    const cursor = this.#cursor;
    const fault = enterFrame(cursor, bytes, offset, capturedLength, originalLength, linkType);
    if (fault === 'link-type-unknown') this.survey.unsupported(linkTypeName(linkType));
    if (fault) return fault;
    let end = unwrap(cursor);
    while (end === 'fragment') {
      const whole = this.#assembled(cursor, timestamp);
      if (!whole) return 'fragment-part';
      cursor.bytes = whole;
      cursor.at = 0;
      cursor.end = cursor.wireEnd = whole.length;
      cursor.type = whole[0]! >>> 4 === 6 ? ETHERTYPE.ipv6 : ETHERTYPE.ipv4;
      end = unwrap(cursor);
    }
    if (cursor.unwrapped !== 0) this.survey.unwrapped(cursor.unwrapped);
    return end === 'tcp' ? this.#segment(cursor, timestamp) : this.#other(cursor, end);
  }

  /** Nothing more comes. */
  end(): void {
    this.#fragments.end();
    this.#others.end();
  }

  #assembled({ bytes, at, end }: Cursor, timestamp: number): Uint8Array | undefined {
    const isTcp = readFragment(bytes, at, end - at)?.protocol === IP_PROTOCOL_TCP;
    return (isTcp ? this.#fragments : this.#others).add(bytes, at, end - at, timestamp);
  }

  #segment({ bytes, at, end, wireEnd }: Cursor, timestamp: number): FrameReject | undefined {
    const { view } = this;
    const fault = viewSegment(view, bytes, at, end - at, 'headers', wireEnd - at);
    if (fault) return fault;
    const endpoint = this.#endpointAt(view.destination, view.destinationPort);
    if (endpoint < 0) {
      if (this.bothWays && this.#endpointAt(view.source, view.sourcePort) >= 0)
        this.bothWays.server(view, timestamp);
      if (!this.#found) this.#survey();
      return 'not-copied';
    }
    this.endpoint = endpoint;
    this.#found = true;
    this.bothWays?.client(view, timestamp);
    return view.payloadOffset + view.payloadLength > end ? 'payload-truncated' : undefined;
  }

  /** Below 0 where none is meant. */
  #endpointAt(of: Address, ofPort: number): number {
    return this.endpoints.findIndex(
      ({ address, port }) => port === ofPort && (address === undefined || address === of),
    );
  }

  #other(cursor: Cursor, end: Exclude<WalkEnd, 'tcp' | 'fragment'>): FrameReject {
    if (end === 'encapsulation-unsupported') this.survey.unsupported(cursor.what);
    else if (cursor.what !== '') this.survey.other(cursor.what);
    return end;
  }

  #survey(): void {
    const { source, sourcePort, destination, destinationPort, flags } = this.view;
    this.survey.tcp(
      familyOf(source),
      { address: formatAddress(source), port: sourcePort },
      { address: formatAddress(destination), port: destinationPort },
      flags,
    );
  }
}
