/** What a session knows, apart from what it does: the state of each of its parts. */
import type { Route } from '../../wire/reply';
import { CLIENT_POSITION } from '../stream/client-position';
import { CONGESTION } from '../sending/congestion';
import { SLEEPER } from '../tables/deadlines';
import { EXCHANGE } from '../exchange/exchange';
import { withNumbers } from '../tables/number-fields';
import { Outbox } from '../stream/outbox';
import { RECEIVER } from '../receiving/receiver';
import { NONE_EARLY } from '../receiving/response-stream';
import { ROUND_TRIP } from '../sending/rtt';
import { SENDER } from '../sending/sender';
import type { Outcome } from './session-host';
import type { State } from './states';

/** All numbers of a session, and what they begin with. */
const NUMBERS = {
  ...ROUND_TRIP,
  ...CONGESTION,
  ...SENDER,
  ...RECEIVER,
  ...EXCHANGE,
  ...CLIENT_POSITION,
  ...SLEEPER,
  /** The copy's own endpoint, and the test server's: the session's route. */
  clientAddress: 0,
  clientPort: 0,
  serverAddress: 0,
  serverPort: 0,
  /** The client's endpoint. */
  key: 0,
  initialSequence: 0,
  challenges: 0,
  /** What a remnant of an older connection says that it expects; below 0 when none has spoken. */
  remnantAt: -1,
  toldHeld_bytes: 0,
  /** Since when the test server has let the client's words unanswered. */
  unansweredSince_ms: Infinity,
  expireAt_ms: Infinity,
};

export class SessionRecord extends withNumbers(NUMBERS) implements Route {
  state: State = 'waiting';
  outcome: Outcome | undefined;
  /** The test server was not told of the end, or may not have understood: what it holds of the copy is to be buried. */
  leftOpen = false;

  readonly outbox = new Outbox();
  finSent = false;
  exchangeOpened = false;
  lastResponseEnds = false;
  earlyResponses = NONE_EARLY;

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
}
