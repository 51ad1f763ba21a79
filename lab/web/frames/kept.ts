/** Frames of a capture as a watch keeps them: what each is to the copy, and its bytes. */
import { eachFrame } from '../../verify/frames/frames';
import { passlistOf } from '../../verify/evidence/passlist-of';
import type { Scene } from '../../verify/evidence/scene';
import { parseAddress } from '../../../src/wire/address/address';
import { formatEndpoint } from '../../../src/wire/flow';
import { formatFlags } from '../../../src/wire/print';
import type { SegmentView } from '../../../src/wire/segment';
import type { FrameKind, ShownFrame, WholeFrame } from '../messages/frame';
import { fieldsOf } from './fields';

/** A frame with its bytes, from its IP header on. */
export interface KeptFrame {
  readonly shown: ShownFrame;
  readonly bytes: Uint8Array;
  readonly tcpOffset: number;
  readonly payloadOffset: number;
  /** Of the segment's payload, on the wire. */
  readonly length_bytes: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
}

/** Discard (RFC 863): the other end of intercept's proofs of the guard, whoever it says it is. No client calls from there. */
export const CANARY_PORT = 9;
const SAYS_CHARACTERS_MAX = 80;

/** @param nextId numbers the frames */
export function keptFrames(capture: Uint8Array, scene: Scene, nextId: () => number): KeptFrame[] {
  const kindOf = kinds(scene);
  const kept: KeptFrame[] = [];
  eachFrame(capture, ({ segment, time, offset, length, ipOffset }) => {
    const kind = segment && kindOf(segment);
    if (!segment || !kind) return;
    const end = Math.min(segment.payloadOffset + segment.payloadLength, offset + length);
    const bytes = Uint8Array.from(segment.bytes.subarray(ipOffset, end));
    const payloadOffset = segment.payloadOffset - ipOffset;
    const says = firstLine(bytes.subarray(payloadOffset));
    const { source, sourcePort, destination, destinationPort, flags, sequence, acknowledgment } = segment;
    kept.push({
      shown: {
        id: nextId(),
        at_ms: time * 1000,
        kind,
        from: formatEndpoint(source, sourcePort),
        to: formatEndpoint(destination, destinationPort),
        flags: formatFlags(flags),
        length_bytes: segment.payloadLength,
        ...(says === undefined ? {} : { says }),
        copy: scene.online.name,
      },
      bytes,
      tcpOffset: segment.tcpOffset - ipOffset,
      payloadOffset,
      length_bytes: segment.payloadLength,
      sequence,
      acknowledgment,
      flags,
    });
  });
  return kept;
}

export function wholeFrame({ shown, bytes, tcpOffset, payloadOffset, length_bytes }: KeptFrame): WholeFrame {
  return {
    ...shown,
    fields: fieldsOf(bytes, tcpOffset),
    hex: Buffer.from(bytes).toString('hex'),
    payloadOffset,
    missing_bytes: payloadOffset + length_bytes - bytes.length,
  };
}

/** The end of a frame that is the client's, or stands for it. */
export const clientEnd = ({ kind, from, to }: ShownFrame): string =>
  kind === 'request' || kind === 'copy' ? from : to;

/** Of a segment; undefined when it is nothing to this copy. */
function kinds(scene: Scene): (segment: SegmentView) => FrameKind | undefined {
  const [online, test] = [scene.online, scene.test].map(
    ({ addresses }) => new Set(addresses.map((address) => parseAddress(address)!)),
  ) as [Set<number>, Set<number>];
  const passlist = passlistOf(scene);
  return ({ source, sourcePort, destination, destinationPort }) => {
    if (online.has(destination) && destinationPort === scene.online.port) return 'request';
    if (online.has(source) && sourcePort === scene.online.port) return 'answer';
    if (test.has(destination) && destinationPort === scene.test.port)
      return passlist.passes(source, sourcePort) ? undefined : sourcePort === CANARY_PORT ? 'canary' : 'copy';
    if (!test.has(source) || sourcePort !== scene.test.port) return undefined;
    if (passlist.passes(destination, destinationPort)) return undefined;
    return destinationPort === CANARY_PORT ? 'canary' : 'response';
  };
}

/** Undefined when it is no printable text. */
function firstLine(payload: Uint8Array): string | undefined {
  const text = Buffer.from(payload.subarray(0, SAYS_CHARACTERS_MAX * 2)).toString('latin1');
  const line = /^[\x20-\x7e]+/.exec(text)?.[0];
  return line?.slice(0, SAYS_CHARACTERS_MAX);
}
