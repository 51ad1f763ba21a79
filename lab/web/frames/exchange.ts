/** One client's connection beside its copy: which frame says the same as which, what was rewritten, what was awaited. */
import { seqDiff } from '../../../src/wire/sequence';
import { ACK, FIN, RST, SYN } from '../../../src/wire/tcp';
import type { Cause, Exchange, FrameKind, Step, WholeFrame } from '../messages/frame';
import { clientEnd, wholeFrame, type KeptFrame } from './kept';

/** The same direction in the other world. */
const OTHER: Readonly<Partial<Record<FrameKind, FrameKind>>> = {
  request: 'copy',
  copy: 'request',
  answer: 'response',
  response: 'answer',
};

/**
 * @param frames in any order; those of other connections are left out
 * @param client `address:port` of the client's end. A copy that has another address is found by its port.
 * @param caught no response left the test server
 */
export function exchangeOf(frames: readonly KeptFrame[], client: string, caught: boolean): Exchange {
  const own = framesOf(frames, client);
  const stream = new Map(
    (['request', 'answer', 'copy', 'response'] as const).map((kind) => [
      kind,
      ofStream(own.filter(({ shown }) => shown.kind === kind)),
    ]),
  );
  const twins = own.map((frame) => twinOf(frame, stream));
  const wholes = own.map(wholeFrame);
  const start_ms = own[0]?.shown.at_ms ?? 0;
  const steps = own.map((frame, index): Step => {
    const twin = twins[index] === undefined ? -1 : own.indexOf(twins[index]);
    const waitedFor = frame.shown.kind === 'copy' ? waited(own, index, twin) : undefined;
    return {
      frame: wholes[index]!,
      after_ms: frame.shown.at_ms - start_ms,
      ...(twin < 0 ? {} : { twin }),
      rewritten: twin < 0 ? [] : rewritten(wholes[index]!, wholes[twin]!),
      ...(waitedFor && { waitedFor }),
    };
  });
  return { copy: own[0]?.shown.copy ?? '', client, steps, caught };
}

function framesOf(frames: readonly KeptFrame[], client: string): KeptFrame[] {
  const port = client.slice(client.indexOf(':'));
  const sorted = frames
    .filter(({ shown }) => shown.kind !== 'canary')
    .toSorted((a, b) => a.shown.at_ms - b.shown.at_ms || a.shown.id - b.shown.id);
  const live = sorted.filter(
    ({ shown }) => (shown.kind === 'request' || shown.kind === 'answer') && clientEnd(shown) === client,
  );
  const copied = sorted.filter(({ shown }) => shown.kind === 'copy' || shown.kind === 'response');
  const same = copied.filter(({ shown }) => clientEnd(shown) === client);
  const own = same.length > 0 ? same : copied.filter(({ shown }) => clientEnd(shown).endsWith(port));
  return [...live, ...own].sort((a, b) => a.shown.at_ms - b.shown.at_ms || a.shown.id - b.shown.id);
}

interface StreamFrame {
  readonly frame: KeptFrame;
  /** Of the first byte of payload, from the beginning of the stream; that of a SYN is -1. */
  readonly from: number;
  readonly to: number;
}

/** Places within the stream: from the SYN, or else from the first frame that is there. */
function ofStream(frames: readonly KeptFrame[]): StreamFrame[] {
  const syn = frames.find(({ flags }) => flags & SYN);
  const first = syn ? (syn.sequence + 1) >>> 0 : frames[0]?.sequence;
  return frames.map((frame) => {
    const from = frame.flags & SYN ? -1 : seqDiff(frame.sequence, first!);
    return { frame, from, to: from + frame.length_bytes };
  });
}

/** The first frame of the other world that says the same: a SYN, a FIN, or bytes of the same places. */
function twinOf(
  frame: KeptFrame,
  streams: ReadonlyMap<FrameKind, readonly StreamFrame[]>,
): KeptFrame | undefined {
  const other = OTHER[frame.shown.kind];
  if (other === undefined) return undefined;
  const place = streams.get(frame.shown.kind)!.find((one) => one.frame === frame)!;
  const says = (bit: number) => (candidate: StreamFrame) => (candidate.frame.flags & bit) !== 0;
  const overlaps = ({ from, to, frame: { length_bytes } }: StreamFrame): boolean =>
    length_bytes > 0 && from < place.to && place.from < to;
  const among = streams.get(other)!;
  const bit = [SYN, RST].find((one) => frame.flags & one);
  if (bit !== undefined) return among.find(says(bit))?.frame;
  if (frame.length_bytes > 0) return among.find(overlaps)?.frame;
  return frame.flags & FIN ? among.find(says(FIN))?.frame : undefined;
}

/** Names of fields that are not the same on both sides, or only on one. */
function rewritten(one: WholeFrame, other: WholeFrame): string[] {
  const values = new Map(other.fields.map(({ name, value }) => [name, value]));
  const names = new Set(one.fields.map(({ name }) => name));
  return [
    ...one.fields.filter(({ name, value }) => values.get(name) !== value).map(({ name }) => name),
    ...other.fields.filter(({ name }) => !names.has(name)).map(({ name }) => name),
  ];
}

/** What came last of all that a copy's frame needs. */
function waited(own: readonly KeptFrame[], index: number, twin: number): Step['waitedFor'] {
  const frame = own[index]!;
  const before = own.slice(0, index);
  const lastOf = (cause: Cause, matches: (one: KeptFrame) => boolean): [Cause, number][] => {
    const at = before.findLastIndex(matches);
    return at < 0 ? [] : [[cause, at]];
  };
  const isResponse = ({ shown }: KeptFrame): boolean => shown.kind === 'response';
  const speaks = frame.length_bytes > 0 || (frame.flags & (SYN | FIN | RST)) !== 0;
  const needs: [Cause, number][] = [
    ...(twin < 0 || twin >= index ? [] : [[causeOfTwin(frame), twin] as [Cause, number]]),
    ...(frame.flags & SYN
      ? []
      : [
          ...lastOf('test-syn-ack', (one) => isResponse(one) && (one.flags & SYN) !== 0),
          ...lastOf(
            'test-words',
            (one) => isResponse(one) && (one.length_bytes > 0 || (one.flags & FIN) !== 0),
          ),
          ...(speaks ? [] : lastOf('test-ack', (one) => isResponse(one) && (one.flags & ACK) !== 0)),
        ]),
  ];
  const [last] = needs.toSorted(([, a], [, b]) => b - a);
  if (!last) return undefined;
  const [cause, step] = last;
  const ready_ms = twin >= 0 ? own[twin]!.shown.at_ms : own[step]!.shown.at_ms;
  return { cause, step, for_ms: Math.max(0, frame.shown.at_ms - ready_ms) };
}

function causeOfTwin({ flags, length_bytes }: KeptFrame): Cause {
  if (flags & SYN) return 'client-syn';
  return length_bytes > 0 ? 'client-words' : 'client-end';
}
