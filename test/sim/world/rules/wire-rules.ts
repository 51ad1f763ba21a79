/** What must hold for every packet that the engine sends, and for its routes: checked at once, while the world is played. */
import { tcpChecksum } from '../../../../src/wire/checksum';
import { Passlist, type LettingThrough } from '../../../../src/passlist/passlist';
import { endpointKey, type EndpointKey } from '../../../../src/wire/flow';
import type { Route } from '../../../../src/wire/reply';
import { emptySegmentView, viewSegment, type SegmentView } from '../../../../src/wire/segment';
import { ACK, RST, SYN } from '../../../../src/wire/tcp';
import { TEST, TEST_PORT } from '../addresses';
import { sameEndpoints } from '../plan/plan';
import type { Track } from './track';

/** A connection of a copy with the test server. */
export interface Speaker {
  /** Whose copy it may be: which client's words they are is known when they are heard. */
  readonly owners: readonly Track[];
  readonly synSequence: number;
}

export class WireRules {
  armed = false;
  /** Whom responses are let through to. */
  passlist: LettingThrough = new Passlist();
  /** Ports that programs of the online server hold. */
  heldPorts: readonly number[] = [];
  readonly view = emptySegmentView();
  /** Whose copy may speak from which endpoint: who was being captured when it was registered. */
  readonly #owners = new Map<EndpointKey, Track[]>();
  readonly #registered = new Set<EndpointKey>();
  /** The connection that was begun last from each endpoint. */
  readonly #speakers = new Map<EndpointKey, Speaker>();

  constructor(private readonly complain: (problem: string) => void) {}

  get registered(): number {
    return this.#registered.size;
  }

  /** @param tracks who it may be for @returns its key */
  register(route: Route, tracks: readonly Track[]): void {
    const key = endpointKey(route.clientAddress, route.clientPort);
    const owners = this.#owners.get(key) ?? [];
    if (
      this.#registered.has(key) &&
      !tracks.some(({ conversation: { plan } }) =>
        owners.some((owner) => sameEndpoints(owner.conversation.plan, plan)),
      )
    )
      this.complain(`the endpoint ${key} was given to two copies`);
    this.#registered.add(key);
    this.#owners.set(key, [...owners.filter((owner) => !tracks.includes(owner)), ...tracks]);
  }

  unregister(route: Route): readonly Track[] {
    const key = endpointKey(route.clientAddress, route.clientPort);
    if (!this.#registered.delete(key)) this.complain(`the endpoint ${key} was unregistered twice`);
    return this.#owners.get(key) ?? [];
  }

  ownersOf(route: Route): readonly Track[] {
    return this.#owners.get(endpointKey(route.clientAddress, route.clientPort)) ?? [];
  }

  /** Whether this connection is the one that was begun last from its endpoint. */
  isLatest(key: EndpointKey, synSequence: number): boolean {
    return this.#registered.has(key) && this.#speakers.get(key)?.synSequence === synSequence;
  }

  /** Fills `view`. @returns who speaks, when the packet may be sent at all */
  check(packet: Uint8Array): Speaker | undefined {
    const { view } = this;
    const fault = viewSegment(view, packet, 0, packet.length, 'whole');
    if (fault) return this.#refuse(`a packet on the wire is no segment: ${fault}`);
    const { destination, destinationPort, tcpOffset } = view;
    if (destination !== TEST || destinationPort !== TEST_PORT)
      return this.#refuse(`a packet was addressed to ${destination}:${destinationPort}`);
    if (tcpChecksum(packet, tcpOffset, packet.length - tcpOffset, view.source, destination) !== 0)
      return this.#refuse('a packet had a wrong TCP checksum');
    // A reset may go out if it is not answered, which is seen when it arrives.
    if (!this.armed && !(view.flags & RST))
      return this.#refuse('a packet was sent while the guard was not armed');
    if (this.passlist.passes(view.source, view.sourcePort))
      return this.#refuse(`a packet was sent from ${view.source}, to which responses are let through`);
    if (this.heldPorts.includes(view.sourcePort))
      return this.#refuse(`a packet was sent from port ${view.sourcePort}, which a program holds`);
    const key = endpointKey(view.source, view.sourcePort);
    if (!this.#registered.has(key))
      return this.#refuse(`a packet was sent from ${key}, which is not registered`);
    return view.flags & SYN ? this.#begin(key, view) : this.#follow(key, view);
  }

  #begin(key: EndpointKey, { sequence }: SegmentView): Speaker | undefined {
    const owners = this.#owners.get(key);
    if (!owners) return this.#refuse(`a SYN from ${key} belongs to no client`);
    const known = this.#speakers.get(key);
    if (known?.synSequence === sequence && known.owners.length === owners.length) return known;
    const speaker = { owners, synSequence: sequence };
    this.#speakers.set(key, speaker);
    return speaker;
  }

  #follow(key: EndpointKey, { sequence, flags }: SegmentView): Speaker | undefined {
    const speaker = this.#speakers.get(key);
    if (!speaker) return this.#refuse(`a packet was sent from ${key} before any SYN`);
    // A remnant of an older connection is reset in its own words.
    if ((flags & (RST | ACK)) === RST) return speaker;
    const offset = (sequence - speaker.synSequence) | 0;
    const end = Math.max(...speaker.owners.map(({ conversation }) => conversation.total_bytes)) + 2;
    if (offset < 0 || offset > end)
      return this.#refuse(
        `two connections spoke from ${key} at once: ${offset} is not in the one begun last`,
      );
    return speaker;
  }

  #refuse(problem: string): Speaker | undefined {
    this.complain(problem);
    return undefined;
  }
}
