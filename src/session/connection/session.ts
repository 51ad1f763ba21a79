/**
 * One client connection and its copy: what a virtual TCP client knows, that says to the test server what the client said to
 * the online server. What it does when something comes stands in `src/session/events`.
 *
 * The copy goes on in another connection where the test server has ended one: what belongs to a connection begins anew then,
 * and all positions in the client's stream stay what they are.
 */
import type { Route } from '../../wire/reply';
import { ANSWERING, PAIRING } from '../exchange/answering';
import { NO_EARLIER } from '../exchange/due';
import { beginAt, EXCHANGE } from '../exchange/exchange';
import type { Awaited, Habits } from '../exchange/habits';
import { RECEIVER } from '../receiving/receiver';
import { NONE_EARLY } from '../receiving/response-stream';
import { CONGESTION } from '../sending/congestion';
import { LOSS_TIMER } from '../sending/loss-timer';
import { ROUND_TRIP } from '../sending/rtt';
import type { OutgoingSegment, SynOptions } from '../sending/segment';
import { SENDER } from '../sending/sender';
import { CLIENT_POSITION } from '../stream/client-position';
import { ClientStream } from '../stream/client-stream';
import type { Ending } from '../stream/ending';
import { Outbox } from '../stream/outbox';
import { SLEEPER } from '../tables/deadlines';
import { withNumbers } from '../tables/number-fields';
import type { Birth } from './birth';
import type { Outcome, SessionHost } from './session-host';
import type { State } from './states';
import type { TestServer } from './test-server';

/** What belongs to one connection with the test server, and begins anew with each. */
const CONNECTION = {
  ...CONGESTION,
  ...SENDER,
  ...LOSS_TIMER,
  ...RECEIVER,
  ...EXCHANGE,
  ...ANSWERING,
  challenges: 0,
  /** What a remnant of an older connection says that it expects; below 0 when none has spoken. */
  remnantAt: -1,
  /** Up to where the test server's FIN acknowledged the client's stream; below 0 before it came. */
  finAcknowledged: -1,
  /** Time-outs behind the test server's FIN. */
  retriesBehindFin: 0,
};

/** All numbers of a session, and what they begin with. */
const NUMBERS = {
  ...CONNECTION,
  ...PAIRING,
  ...ROUND_TRIP,
  ...CLIENT_POSITION,
  ...SLEEPER,
  /** The copy's own endpoint, and the test server's: the session's route. */
  clientAddress: 0,
  clientPort: 0,
  serverAddress: 0,
  serverPort: 0,
  /** The client's endpoint. */
  key: 0,
  /** The sequence number of stream offset 0, as the client counts and as this connection does. */
  clientInitialSequence: 0,
  initialSequence: 0,
  /** With the test server, this one included. */
  connections: 1,
  toldHeld_bytes: 0,
  /** Up to where the client's words were told to be doubtful, or need not be; and writes behind that which are said nowhere. */
  accountedUntil: 1,
  skippedWrites: 0,
  /** Since when the test server has refused every connection. */
  refusedSince_ms: Infinity,
  expireAt_ms: Infinity,
  /** When the handshake of its latest connection was through. */
  openedAt_ms: -Infinity,
  /** Where the client stood when it said something without words, if words before that are missing; and since when. */
  stoodAt: 0,
  stoodAt_ms: Infinity,
};

export class Session extends withNumbers(NUMBERS) implements Route {
  state: State = 'waiting';
  outcome: Outcome | undefined;
  /** The test server was not told of the end, or may not have understood: what it holds of the copy is to be buried. */
  leftOpen = false;
  /** Words of its client are waited for. */
  isListening = true;
  /** Why the copy ends where its client may go on. */
  endsFor: 'left-out' | 'capture-hole' | undefined;
  /** Packets of clients were lost, and its client was not heard since. */
  isDoubted = false;
  /** The SYN could not go out yet. */
  synOwed = false;

  /** The client's next connection from the same port, born while this one was not over. */
  successor: Session | undefined;
  readonly synOptions: SynOptions;
  readonly client: ClientStream;
  readonly outbox = new Outbox();
  ending: Ending | undefined;
  finSent = false;
  /** The end waits no longer for what may still come. */
  partsAtOnce = false;
  partedShort = false;
  /** What was said on this connection was accounted for: the test server has ended it. */
  isSettled = false;
  /** The online server has closed its side as well, and the client went on. */
  isHalfClosed = false;
  /** The request that was said last was counted as doubtful: what the client still says of it is, too. */
  isTailDoubtful = false;
  exchangeOpened = false;
  lastResponseEnds = false;
  isTailDue = false;
  hasEndedWrite = false;
  pipelines = false;
  missed: Awaited | undefined;
  earlyResponses = NONE_EARLY;
  earlierDue = NO_EARLIER;

  /** @param key the client's endpoint @param route the copy's own endpoint, and the test server's */
  constructor(
    key: number,
    route: Route,
    birth: Birth,
    readonly host: SessionHost<Session>,
    readonly testServer: TestServer<Session>,
  ) {
    super();
    this.key = key;
    this.route = route;
    this.clientInitialSequence = this.initialSequence = birth.initialSequence;
    this.synOptions = birth.synOptions;
    this.client = new ClientStream(this.outbox, host);
    this.expireAt_ms = host.now_ms + host.idle_ms;
  }

  get habits(): Habits {
    return this.testServer.habits;
  }

  get route(): Route {
    const { clientAddress, clientPort, serverAddress, serverPort } = this;
    return { clientAddress, clientPort, serverAddress, serverPort };
  }

  set route(route: Route) {
    this.clientAddress = route.clientAddress;
    this.clientPort = route.clientPort;
    this.serverAddress = route.serverAddress;
    this.serverPort = route.serverPort;
  }

  emit(segment: OutgoingSegment, again: boolean): void {
    this.host.transmit(this, segment, again);
  }

  /** Forgets the connection that is over. @param saidFrom where in the client's stream the next one begins */
  beginAnew(saidFrom: number, initialSequence: number): void {
    Object.assign(this, CONNECTION);
    this.connections += 1;
    this.saidFrom = this.sendNext = this.sentUntil = saidFrom;
    this.unacknowledged = saidFrom - 1;
    beginAt(this, saidFrom);
    this.initialSequence = initialSequence;
    this.earlyResponses = NONE_EARLY;
    this.earlierDue = NO_EARLIER;
    this.finSent = this.partedShort = this.isSettled = this.isHalfClosed = false;
    this.lastResponseEnds = this.isTailDue = this.hasEndedWrite = false;
    this.missed = undefined;
  }
}
