/** What clients said to a server, by the tap in front of it. */
import { parseAddress } from '../../../../src/wire/address/address';
import { formatEndpoint } from '../../../../src/wire/flow';
import { Passlist, type LettingThrough } from '../../../../src/passlist/passlist';
import type { SceneServer } from '../../evidence/scene';
import type { TapEvidence } from '../../evidence/tap';
import { eachFrame } from '../../frames/frames';
import { streamsTo, type ClientStream } from '../../frames/streams';
import { damageOf } from '../../frames/tap-counts';

export interface StreamsAt {
  readonly streams: readonly ClientStream[];
  /** Ends that said something in a connection whose SYN the tap has not seen, as `address:port`. */
  readonly joined: ReadonlySet<string>;
}

const NOBODY = new Passlist();

/**
 * A damaged capture shows nothing, and fails by itself.
 *
 * @param except whose connections are their own affair
 */
export function streamsAt(
  taps: readonly TapEvidence[],
  server: SceneServer,
  except: LettingThrough = NOBODY,
): StreamsAt {
  const tap = taps.find(({ node }) => node === server.name);
  if (!tap || damageOf(tap.capture) !== undefined) return { streams: [], joined: new Set() };
  const { port } = server;
  const addresses = server.addresses.map((address) => parseAddress(address)!);
  const streams = addresses
    .flatMap((address) => streamsTo(tap.capture, { address, port }))
    .filter(({ clientAddress, clientPort }) => !except.passes(clientAddress, clientPort));
  const known = new Set(
    streams.map(({ clientAddress, clientPort }) => formatEndpoint(clientAddress, clientPort)),
  );
  const joined = new Set<string>();
  eachFrame(tap.capture, ({ segment }) => {
    if (segment?.destinationPort !== port || !addresses.includes(segment.destination)) return;
    const end = formatEndpoint(segment.source, segment.sourcePort);
    if (segment.payloadLength > 0 && !known.has(end)) joined.add(end);
  });
  return { streams, joined };
}
