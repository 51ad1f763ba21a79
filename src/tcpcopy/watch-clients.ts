/** What a doctor sees of clients while it watches: where they are captured, elsewhere, and besides. */
import { devicesAmong, type CaptureScope } from '../capture/devices';
import { openCapture } from '../capture/open';
import { clientPackets, packetsThatComeBy, type CaptureRequest } from '../capture/request';
import type { CaptureSource, SegmentListener } from '../capture/source';
import type { MachineFacts, Traffic } from '../doctor/facts';
import type { SegmentView } from '../wire/segment';

/** A packet of any length is seen. */
const SIZES = { buffer_bytes: 4 * 1024 * 1024, packetMax_bytes: 0xffff };

/**
 * Counts what clients say to the copied ports: where it is captured, and where some devices are named, on all others.
 *
 * @param wanted names of devices; undefined for all
 * @returns undefined when packets cannot be captured
 */
export async function watchClients(
  scope: CaptureScope,
  wanted: readonly string[] | undefined,
  machine: Promise<MachineFacts>,
  watch_ms: number,
): Promise<Traffic | undefined> {
  const named = devicesAmong(wanted);
  const devices = named ? (await machine).devices : [];
  const others = named
    ? devices.filter(({ name, up, loopback }) => up && !loopback && !named.includes(name))
    : [];
  const present = named?.filter((name) => devices.some((device) => device.name === name));
  const elsewhere = new Map<string, number>();
  const passing = { packets: 0, answers: 0 };
  let captured = 0;
  let payloads = 0;
  let tlsRecords = 0;
  const open = (request: CaptureRequest, segment: SegmentListener): CaptureSource =>
    openCapture('auto', request, { segment, lost: () => undefined, found: () => undefined });
  const openClients = (where: readonly string[] | undefined, count: () => void): CaptureSource =>
    open(clientPackets(scope, { ...SIZES, filter: undefined, devices: where }), (view) => {
      count();
      if (view.payloadLength === 0) return;
      payloads += 1;
      if (isTlsRecord(view)) tlsRecords += 1;
    });
  const openMirror = (): CaptureSource => {
    const source = open(packetsThatComeBy({ ...SIZES, devices: present }), (view) => {
      if (!source.addresses.has(view.destination)) passing.packets += 1;
      if (isAnswer(scope, view)) passing.answers += 1;
    });
    return source;
  };
  const captures: CaptureSource[] = [];
  try {
    captures.push(openClients(present, () => void (captured += 1)));
    if (scope.mirrored) captures.push(openMirror());
    for (const { name } of others)
      captures.push(openClients([name], () => elsewhere.set(name, (elsewhere.get(name) ?? 0) + 1)));
    await new Promise((resolve) => setTimeout(resolve, watch_ms));
  } catch {
    return undefined;
  } finally {
    for (const capture of captures) capture.close();
  }
  return {
    watched_ms: watch_ms,
    captured,
    elsewhere,
    passing: scope.mirrored ? passing : undefined,
    payloads,
    tlsRecords,
  };
}

const isAnswer = ({ endpoints }: CaptureScope, { source, sourcePort }: SegmentView): boolean =>
  endpoints.some(({ address, port }) => port === sourcePort && (address ?? source) === source);

/** RFC 8446, section 5.1: type 20 to 23, then the version, whose first byte is 3. */
function isTlsRecord({ bytes, payloadOffset, payloadLength }: SegmentView): boolean {
  const type = bytes[payloadOffset]!;
  return payloadLength > 5 && type >= 20 && type <= 23 && bytes[payloadOffset + 1] === 3;
}
