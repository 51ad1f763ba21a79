/** What intercept says in the name of clients: on its way to the test server, and what must hold for it. */
import type { LettingThrough } from '../../../../src/passlist/passlist';
import { endpointKey, type EndpointKey } from '../../../../src/wire/flow';
import { formatSegment } from '../../../../src/wire/print';
import { emptySegmentView, viewSegment } from '../../../../src/wire/segment';
import { RST } from '../../../../src/wire/tcp';
import { TEST, TEST_PORT } from '../addresses';
import type { Agenda } from '../agenda';
import type { Random } from '../plan/random';
import type { TestHost } from '../server/test-host';
import type { TestTcp } from '../server/test-tcp';

const UNDER_WAY_MS = 0.1;
const NOTHING = new Uint8Array(0);

export interface BurialEvents {
  /** Somebody still copies this connection. */
  isLiving(client: EndpointKey, tcp: TestTcp): boolean;
  complain(problem: string): void;
  trace(line: string): void;
}

export class BurialRules {
  /** intercept ends: nobody's copy outlives it. */
  isEnding = false;
  readonly #view = emptySegmentView();
  /** Clients that another tcpcopy copies. */
  readonly #others = new Set<EndpointKey>();

  /** @param lost share of all packets */
  constructor(
    private readonly agenda: Agenda,
    private readonly random: Random,
    private readonly lost: number,
    private readonly passlist: LettingThrough,
    private readonly host: TestHost,
    private readonly events: BurialEvents,
  ) {}

  copiedByAnother(client: EndpointKey): void {
    this.#others.add(client);
  }

  sent(packet: Uint8Array, isProven: boolean): void {
    if (!isProven) this.events.complain('intercept sent something without a proof of the guard');
    const view = this.#view;
    const fault = viewSegment(view, packet, 0, packet.length, 'whole');
    if (fault) {
      this.events.complain(`intercept sent what is no segment: ${fault}`);
      return;
    }
    const { sequence, acknowledgment, flags, window } = view;
    const client = endpointKey(view.source, view.sourcePort);
    this.events.trace(`buries   ${formatSegment(view)}`);
    if (view.destination !== TEST || view.destinationPort !== TEST_PORT)
      this.events.complain(`intercept spoke to port ${view.destinationPort}, which nobody copies to`);
    if (this.passlist.passes(view.source, view.sourcePort))
      this.events.complain(`intercept spoke in the name of ${view.source}, which is on the passlist`);
    if (flags & RST && this.#others.has(client) && !this.isEnding)
      this.events.complain(`the copy that another tcpcopy has at ${view.sourcePort} was reset`);
    if (this.random.chance(this.lost)) return;
    this.agenda.after(UNDER_WAY_MS, () => {
      const tcp = this.host.connectionOf(client);
      const isLiving = tcp !== undefined && tcp.isOpen && this.events.isLiving(client, tcp);
      const segment = { sequence, acknowledgment, flags, window, payload: NOTHING };
      this.host.arrive(client, segment, undefined, undefined);
      if (isLiving && tcp.state === 'closed') this.events.complain('a living copy was reset by a burial');
    });
  }
}
