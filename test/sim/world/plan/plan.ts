/**
 * A world before it is played: plain data, all of it drawn from one seed. Because it is data, a failing world can be made
 * smaller piece by piece, and be printed.
 */
import type { EngineOptions } from '../../../../src/session/contract';
import type { AnswerPiece, Manner } from './manners';

export interface ExchangePlan {
  /** The client writes its request in pieces of these sizes, `writeGap_ms` apart. */
  readonly writes: readonly number[];
  readonly writeGap_ms: number;
  /** Zero: the servers say nothing. */
  readonly response_bytes: number;
  /** The servers write their answer in so many parts. */
  readonly parts: number;
  /** Bytes by which the test server's answer is longer (or shorter). */
  readonly testDiffers_bytes: number;
  /** The test server's answer in its writes, where those are not of one size and pace. */
  readonly testWrites?: readonly AnswerPiece[];
  readonly onlineThinks_ms: number;
  readonly testThinks_ms: number;
  /** The client waits for the answer before it goes on; else it pipelines, or streams. */
  readonly waits: boolean;
  /** Behind the answer, or behind the request of a client that does not wait. */
  readonly pause_ms: number;
  /** The client acknowledges the answer with a segment of its own. */
  readonly acknowledges: boolean;
}

export type Ending =
  | 'client'
  | 'server'
  | 'reset'
  /** The client's FIN follows its last request, before the answers. */
  | 'client-half'
  /** The servers close their side before the last request, and hear it all the same. */
  | 'server-half'
  /** Both FINs cross. */
  | 'simultaneous'
  /** The client is never heard again. */
  | 'vanishes';

export interface ConnectionPlan {
  readonly id: number;
  /** Which of the client machines. */
  readonly client: number;
  readonly port: number;
  /** Which of the online server's addresses it speaks to. */
  readonly online: number;
  /** Or later: once the client's last connection on this port with that address is over. */
  readonly startsAt_ms: number;
  readonly initialSequence: number;
  /** What the online server says before its client says anything. */
  readonly greeting_bytes: number;
  readonly exchanges: readonly ExchangePlan[];
  readonly ending: Ending;
  /** The test server ends the connection by itself behind one of its answers, so much later. */
  readonly testEnds:
    | { readonly behind: number; readonly how: 'close' | 'reset'; readonly late_ms: number }
    | undefined;
}

/** Between the same endpoints there is one connection at a time. */
export const sameEndpoints = (one: ConnectionPlan, other: ConnectionPlan): boolean =>
  one.client === other.client && one.port === other.port && one.online === other.online;

/** What may go wrong with single packets, as shares of all. */
export interface Faults {
  /** Capture sees a segment twice, late, cut otherwise, or not at all. */
  readonly repeated: number;
  readonly late: number;
  readonly recut: number;
  readonly missed: number;
  /** On the way from the copy to the test server. */
  readonly copyLost: number;
  readonly copyRepeated: number;
  readonly copyReordered: number;
  /** Responses that the guard's queue dropped before anybody read them. */
  readonly replyLost: number;
  readonly synAckLost: number;
  /** The control channel is TCP: in order and complete, but late. */
  readonly controlDelay_ms: number;
}

export interface ServerBehaviour {
  readonly receiveWindow_bytes: number;
  /** The application reads only this much at a time, this often; undefined when it reads at once. */
  readonly slowRead: { readonly bytes: number; readonly every_ms: number } | undefined;
  readonly windowScale: number | undefined;
  readonly segment_bytes: number;
  readonly manner: Manner;
  /** Its programs read a request when they have answered the one before, and what is unread when they close is lost. */
  readonly oneByOne?: boolean;
  /** Of what its program writes its kernel takes no more than this at a time, and ends a write where it was full. */
  readonly sendBuffer_bytes?: number | undefined;
}

export type EventKind =
  /** The guard does not catch: what the test server says meanwhile is never heard. */
  | 'guard-lost'
  /** The guard ends in order, and another one begins. */
  | 'guard-ends'
  /** Capture sees nothing at all. */
  | 'capture-blind'
  /** Segments wait before they are read, and there is room for a part of the connections only. */
  | 'machine-busy'
  /** Capture loses a third of all segments. */
  | 'capture-loses'
  /** tcpcopy has no turn: what comes meanwhile is read at the end of it, replies first. */
  | 'turn-late'
  /** The test server says and hears nothing, and then goes on. */
  | 'server-dead'
  /** Its programs have no turn: its kernel takes what is said, and nobody reads it. */
  | 'server-stalls'
  | 'server-refuses'
  /** The test server accepts connections and resets them, up to `late_ms` later, without having read anything. */
  | 'server-resets'
  /** The test server forgets all connections, and refuses new ones for a while. */
  | 'server-restarts'
  | 'control-stalls'
  /** The control channel breaks; tcpcopy knows `late_ms` later. */
  | 'control-breaks'
  /** The same, because intercept is killed; another one takes over. */
  | 'intercept-restarts'
  /** The segments came from a file, and it is over: nothing more is seen. */
  | 'clients-gone'
  | 'shutdown'
  /** tcpcopy says and hears nothing any more. */
  | 'tcpcopy-killed';

export interface EventPlan {
  readonly kind: EventKind;
  readonly at_ms: number;
  readonly for_ms: number;
  readonly late_ms: number;
}

export interface WorldPlan {
  readonly seed: number;
  readonly options: Partial<EngineOptions>;
  readonly faults: Faults;
  readonly server: ServerBehaviour;
  /** Nothing before is seen. */
  readonly captureStarts_ms: number;
  readonly armedAt_ms: number;
  /** Ports of the first client machine that another tcpcopy has taken. */
  readonly takenPorts: readonly number[];
  /** Client machines that the guard lets responses through to. */
  readonly passlist: readonly number[];
  /** Ports of the online server's own address that its programs hold. */
  readonly heldPorts?: readonly number[];
  readonly events: readonly EventPlan[];
  readonly connections: readonly ConnectionPlan[];
}

export const NO_FAULTS: Faults = {
  repeated: 0,
  late: 0,
  recut: 0,
  missed: 0,
  copyLost: 0,
  copyRepeated: 0,
  copyReordered: 0,
  replyLost: 0,
  synAckLost: 0,
  controlDelay_ms: 0.3,
};

export const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

export const requestBytes = (plan: ConnectionPlan): number =>
  sum(plan.exchanges.map((exchange) => sum(exchange.writes)));
