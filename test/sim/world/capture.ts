/** What capture sees of the clients: their segments as packets; some twice, late, cut otherwise, or not at all. */
import { emitIp, ipHeader_bytes } from '../../../src/wire/ip/ip';
import { emptySegmentView, viewSegment, type SegmentView } from '../../../src/wire/segment';
import { emitTcp, FIN, PSH, RST, SYN } from '../../../src/wire/tcp';
import { emitSynOptions } from '../../../src/wire/tcp-options';
import { CLIENTS, ONLINE_PORT, ONLINES } from './addresses';
import type { Agenda } from './agenda';
import type { Conversation, Said } from './plan/conversation';
import type { Faults } from './plan/plan';
import type { Random } from './plan/random';
import { spokenBytes } from './plan/spoken';
import { CLIENT_SCALE } from './server/test-tcp';
import type { Track } from './rules/track';

const ONLINE_INITIAL = 0xffff_f000;
const NOTHING = new Uint8Array(0);
const LOST_SHARE = 1 / 3;

export class Capture {
  /** Nothing is seen while it is above zero. */
  blind = 0;
  /** A third of all segments is not seen while it is above zero. */
  losing = 0;
  readonly #view = emptySegmentView();
  readonly #packet = new Uint8Array(0x10000);

  constructor(
    private readonly agenda: Agenda,
    private readonly random: Random,
    private readonly faults: Faults,
    private readonly see: (view: SegmentView, track: Track) => void,
  ) {}

  failFor(how: 'blind' | 'losing', for_ms: number): void {
    this[how] += 1;
    this.agenda.after(for_ms, () => (this[how] -= 1));
  }

  /** Plans everything that the client says. */
  follow(track: Track): void {
    for (const said of track.conversation.said) this.agenda.at(said.at_ms, () => this.#disturb(track, said));
  }

  #disturb(track: Track, said: Said): void {
    const { random, faults, agenda } = this;
    const payload =
      said.length > 0 ? spokenBytes(track.conversation.plan.id, said.offset - 1, said.length) : NOTHING;
    const control = (said.flags & (SYN | RST)) !== 0;
    if (!control && said.length > 0 && random.chance(faults.missed)) {
      track.disturbed.add(said.request);
      return;
    }
    const late_ms = !control && random.chance(faults.late) ? random.next() * 2 : 0;
    if (late_ms > 0) track.disturbed.add(said.request);
    this.#seeAfter(late_ms, track, said, said.offset, said.flags, payload);
    // No network holds a SYN back until its port is used again.
    if (random.chance(faults.repeated))
      this.#seeAfter(random.next() * (control ? 0.1 : 3), track, said, said.offset, said.flags, payload);
    if (payload.length > 2 && random.chance(faults.recut)) {
      const from = random.between(0, payload.length - 2);
      const to = random.between(from + 1, payload.length);
      const flags = said.flags & ~(to < payload.length ? FIN | PSH : 0);
      const piece = payload.subarray(from, to);
      agenda.after(random.next(), () => this.#emit(track, said, said.offset + from, flags, piece));
    }
  }

  #seeAfter(
    delay_ms: number,
    track: Track,
    said: Said,
    offset: number,
    flags: number,
    payload: Uint8Array,
  ): void {
    if (delay_ms === 0) this.#emit(track, said, offset, flags, payload);
    else this.agenda.after(delay_ms, () => this.#emit(track, said, offset, flags, payload));
  }

  #emit(track: Track, said: Said, offset: number, flags: number, payload: Uint8Array): void {
    if (this.blind > 0 || (this.losing > 0 && this.random.chance(LOST_SHARE))) {
      track.disturbed.add(said.request);
      return;
    }
    const length = this.#write(track.conversation, said, offset, flags, payload);
    const fault = viewSegment(this.#view, this.#packet, 0, length, 'whole');
    if (fault) throw new Error(`the simulated capture is no segment: ${fault}`);
    this.see(this.#view, track);
    this.#packet.fill(0xee, 0, length); // a captured buffer is borrowed: whoever kept it reads this
  }

  #write({ plan }: Conversation, said: Said, offset: number, flags: number, payload: Uint8Array): number {
    const packet = this.#packet;
    const syn = { maximumSegmentSize: 1460, windowScale: CLIENT_SCALE };
    const ends = { source: CLIENTS[plan.client]!, destination: ONLINES[plan.online]! };
    const tcp = ipHeader_bytes(ends.destination);
    const headerLength = 20 + (flags & SYN ? emitSynOptions(packet, tcp + 20, syn) : 0);
    emitIp(packet, 0, { identification: 1, ttl: 64, ...ends }, headerLength + payload.length);
    emitTcp(packet, tcp, {
      sourcePort: plan.port,
      destinationPort: ONLINE_PORT,
      sequence: (plan.initialSequence + offset) >>> 0,
      acknowledgment: flags & SYN ? 0 : (ONLINE_INITIAL + 1 + said.heard) >>> 0,
      headerLength,
      flags,
      window: 64_240,
    });
    packet.set(payload, tcp + headerLength);
    return tcp + headerLength + payload.length;
  }
}
