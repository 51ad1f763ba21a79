/** The options of live traffic: how it is captured, and what it may cost the machine that it is captured on. */
import { devicesAmong } from '../../capture/devices';
import type { CaptureWishes } from '../../capture/request';
import { asBackend, type Backend } from '../../kernel/backend';
import type { Coalescing } from '../../kernel/coalescing';
import { asOverloadWish, type OverloadWish } from '../../overload/wish';
import { SHARES } from '../../wire/tables/sample';
import type { OptionReader } from '../../process/option-reader';
import { BUFFER_MAX_MB, COALESCE_MAX_US, MTU_MIN_BYTES, NICE_DEFAULT, NICE_MAX } from './specs';

export interface LiveSource {
  readonly kind: 'live';
  readonly io: Backend;
  /** How far it gives way to other programs of this machine (nice(2)). */
  readonly nice: number;
  /** How long packets of clients may be waited for, to be handled together. */
  readonly coalescing: Coalescing;
  /** What is done while clients bring more than can be copied. */
  readonly overload: OverloadWish;
  /** The copied servers are other machines, whose packets a switch sends to the named devices too. */
  readonly mirrored: boolean;
  readonly capture: CaptureWishes;
  /** What the online servers say is captured as well: headers. */
  readonly responses: boolean;
  /** Of the connections that are copied, which are compared (src/wire/tables/sample.ts); 0 for none. */
  readonly compared: number;
}

export function readLive(reader: OptionReader): LiveSource {
  const buffer_mb = reader.whole('buffer', 1, BUFFER_MAX_MB);
  const devices = reader.text('device')?.split(',');
  const mirrored = reader.has('mirror');
  if (mirrored && !devicesAmong(devices))
    reader.refuse('mirror', 'needs the device that the switch sends the packets to: -i <device>');
  const io = reader.parsed('io', 'packages, ring or auto', asBackend) ?? 'auto';
  const responses = reader.has('responses');
  if (responses && io === 'packages')
    reader.refuse('responses', 'captures by the kernel itself: not with --io packages');
  const coalesce_us = reader.whole('coalesce', 0, COALESCE_MAX_US);
  if (coalesce_us !== undefined && io === 'packages')
    reader.refuse('coalesce', 'handles packets that come from the kernel itself: not with --io packages');
  return {
    kind: 'live',
    io,
    responses,
    compared: readCompared(reader, io),
    nice: reader.whole('nice', 0, NICE_MAX) ?? NICE_DEFAULT,
    coalescing: coalesce_us ?? 'prompt',
    overload: reader.parsed('overload', 'leave-out or wait', asOverloadWish) ?? 'leave-out',
    mirrored,
    capture: {
      devices,
      filter: reader.text('filter'),
      buffer_bytes: buffer_mb === undefined ? undefined : buffer_mb * 2 ** 20,
      packetMax_bytes: reader.whole('snap-length', MTU_MIN_BYTES, 0xffff),
    },
  };
}

function readCompared(reader: OptionReader, io: Backend): number {
  const compared = reader.parsed(
    'compare',
    'a share of the connections from 0.01% to 100%, as in 5%',
    (text) => {
      const percent = /^\d{1,3}(?:\.\d{1,2})?%?$/.test(text) ? Number.parseFloat(text) : NaN;
      return percent > 0 && percent <= 100 ? Math.round((percent / 100) * SHARES) : undefined;
    },
  );
  if (compared !== undefined && io === 'packages')
    reader.refuse('compare', 'captures by the kernel itself: not with --io packages');
  return compared ?? 0;
}
