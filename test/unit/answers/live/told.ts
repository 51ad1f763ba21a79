/** A recorded run, told as tcpcopy and the queue of compared responses tell it: two ways, each in its own order. */
import { LiveComparison } from '../../../../src/answers/live/live-comparison';
import { ALWAYS_IGNORED, ALWAYS_REDACTED, Rules } from '../../../../src/answers/compare/rules';
import { SeenBatch, type Seen } from '../../../../src/answers/seen/records';
import { emptySegmentView, viewSegment, type SegmentView } from '../../../../src/wire/segment';
import { packetsIn } from '../../../../src/wire/capture/capture-file';
import type { Random } from '../world/random';
import { ONLINE, type World } from '../world/world';

export const PEER = 7;

export interface Told {
  readonly seen: Seen;
  readonly segment: SegmentView;
  readonly time_s: number;
}

export const newLive = (memory_bytes = 256_000_000): LiveComparison =>
  new LiveComparison({
    rules: { ignore: new Rules(ALWAYS_IGNORED), redact: new Rules(ALWAYS_REDACTED) },
    body_bytes: 1024 * 1024,
    patience_s: 10,
    memory_bytes,
  });

/** A segment of its own for each packet. */
export function toldBy(capture: Buffer, names: { readonly client: Seen; readonly server: Seen }): Told[] {
  return [...packetsIn(capture)].map(({ offset, capturedLength, timestamp }) => {
    const segment = emptySegmentView();
    const bytes = new Uint8Array(capture.subarray(offset, offset + capturedLength));
    const fault = viewSegment(segment, bytes, 0, bytes.length, 'whole');
    if (fault) throw new Error(fault);
    const isClients = segment.destinationPort === ONLINE.port || segment.destinationPort === 8080;
    return { seen: isClients ? names.client : names.server, segment, time_s: timestamp! };
  });
}

/** What tcpcopy tells, and what responses say, in their own orders. */
export function waysOf({ online, test }: World): { readonly told: Told[]; readonly responses: Told[] } {
  const copied = toldBy(test, { client: 'copy', server: 'response' });
  const told = [
    ...toldBy(online, { client: 'client', server: 'server' }),
    ...copied.filter(({ seen }) => seen === 'copy'),
  ];
  return {
    told: told.toSorted((a, b) => a.time_s - b.time_s),
    responses: copied.filter(({ seen }) => seen === 'response'),
  };
}

/** By records, as a frame brings them. */
export function tell(live: LiveComparison, { seen, segment, time_s }: Told): void {
  const batch = new SeenBatch((records) => live.seen(PEER, records));
  batch.add(seen, segment, time_s * 1000);
  batch.flush();
}

/** Either way is ahead of the other for a while, and then behind it. */
export function tellBoth(live: LiveComparison, world: World, random: Random): void {
  const { told, responses } = waysOf(world);
  while (told.length + responses.length > 0) {
    for (const one of told.splice(0, random.below(60))) tell(live, one);
    for (const { segment, time_s } of responses.splice(0, random.below(60))) live.response(segment, time_s);
  }
}
