/** Everything the engine counts, by name. A reason that a session or a packet can be lost for stands here first. */
import { LEFT_REASONS, MISSING_REASONS, type LeftReason, type MissingReason } from '../exchange/answering';
import { LATENESS_NAMES } from './lateness';

/** Why a copy was ended before the client ended its connection. */
export const GIVE_UP_REASONS = [
  /** The test server's port was closed for longer than it is asked again. */
  'test-refused',
  /** No answer to the SYN. */
  'test-unreachable',
  /** Established, but what we send is not acknowledged any more. */
  'test-silent',
  /** The test server reset every connection before it took a request; or one, where only whole connections are copied. */
  'test-reset',
  /** The test server closed every connection before it took a request; or one, where only whole connections are copied. */
  'test-closed',
  /** Bytes that the client sent were not captured. */
  'capture-hole',
  /** More bytes wait for the test server, or behind a hole, than a session may hold. */
  'session-memory',
  /** All sessions together hold more than they may. */
  'memory',
  /** The client was gone, and the test server let its last words unanswered for longer than the response time-out. */
  'test-unanswered',
  /** Another connection of the client joined this one (Multipath TCP): its bytes are spread over both. */
  'mptcp',
  /** Words of the client were older than they may be before they could be said. */
  'late',
  /** The client has been silent for longer than the idle time-out. */
  'idle',
  /** The guard or the control channel was lost. */
  'disarmed',
  /** intercept cannot tell us the test server's answers: another tcpcopy, or a program, speaks from the same address and port. */
  'unroutable',
  /** This machine had no room for the connection any more: its copy ended between two requests. */
  'left-out',
  /** The program ended. */
  'shutdown',
] as const;
export type GiveUpReason = (typeof GIVE_UP_REASONS)[number];

/** Why a captured segment was not used. */
export const DROP_REASONS = [
  /** Not addressed to any transfer. */
  'no-transfer',
  /** Injection is not allowed at present, or the session was born when it was not. */
  'not-armed',
  /** Its client is on the passlist of an intercept: the test server's answers to it would be let through. */
  'passlisted',
  /** Belongs to a connection whose SYN was not seen, and only whole connections are copied. */
  'no-session',
  /** Belongs to a connection whose SYN was not seen, before the next request at which it can be joined. */
  'not-joined',
  /** Belongs to a connection that is not among the percentage that is copied. */
  'not-selected',
  /** Belongs to a connection that is not copied, or no longer, because this machine has no room for it. */
  'left-out',
  /** Belongs to a session that was given up. */
  'given-up',
  /** Belongs to a session that ended well a moment ago. */
  'after-close',
  /** Carries nothing that was not known: a retransmission, a keep-alive probe. */
  'repeated',
  /** Its sequence number lies outside anything this connection can have. */
  'out-of-window',
  /** The session table is full. */
  'table-full',
  /** The sessions hold as much memory as they may; no new one is begun. */
  'memory-full',
  /** Every port of the source addresses is in use at the test server. */
  'no-port',
  'other-family',
  /** Belongs to connections among which a client spreads its bytes (Multipath TCP). */
  'mptcp',
] as const;
export type DropReason = (typeof DROP_REASONS)[number];

/** Why a copy was not begun: counted for each of several copies, while the segment may be used by another. */
export const REFUSAL_REASONS = [
  'passlisted',
  'table-full',
  'memory-full',
  'no-port',
  'other-family',
] as const satisfies readonly DropReason[];
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

type Plain =
  | 'segments_captured'
  | 'segments_used'
  /** Connections whose beginning was captured, and that there was no room for. */
  | 'connections_left_out'
  | 'sessions_started'
  /** Of these, begun behind the client's SYN. */
  | 'sessions_joined'
  | 'sessions_completed'
  /** Requests are what clients say after they have read something: the unit that is known without a protocol. */
  | 'requests_captured'
  | 'requests_sent'
  /** Of these, sent on a second connection, because the test server had refused them with the first. */
  | 'requests_said_again'
  /** Of these, refused on two connections. */
  | 'requests_refused'
  /** Of these, unanswered when the test server ended their connection: they may have been carried out, or not. */
  | 'requests_doubtful'
  | 'packets_sent'
  | 'packets_retransmitted'
  | 'packets_acknowledgment_only'
  /** Of which a router said that they were too big for the way on. */
  | 'packets_too_big'
  | 'payload_bytes_sent'
  | 'replies_received'
  | 'replies_without_session'
  | 'probes_zero_window'
  | 'probes_tail_loss'
  /** Connections that the test server closed, or reset, before the client closed its own. */
  | 'connections_closed_by_test'
  | 'connections_reset_by_test'
  /** New connections in which a client's words went on. */
  | 'connections_again'
  /** Ends that did not wait for what might still come, because too many did. */
  | 'lingers_cut_short'
  /** Copies whose end was said before the whole answer had come. */
  | 'answers_cut'
  /** Requests, said again included, of which it is known how long the test server took. */
  | 'answers_timed'
  /** Of these, what the online server did not answer, as far as its client acknowledged. */
  | 'answers_test_only'
  | 'handshake_challenges'
  /** Ports of an address of this machine that a copy did not take, or left, because a program holds them. */
  | 'source_ports_held'
  /** Words that went out although the test server had not said all that the online server had said before them. */
  | 'answers_not_awaited'
  | (typeof LATENESS_NAMES)[number]
  | 'requests_sent_lateness_ms';

export type CounterName =
  | Plain
  | `copies_refused_${RefusalReason}`
  | `answers_missing_${MissingReason}`
  /** Of these, what the online server answered. */
  | `answers_online_only_${LeftReason}`
  | `segments_dropped_${DropReason}`
  | `sessions_given_up_${GiveUpReason}`
  | `requests_given_up_${GiveUpReason}`;

export type Counters = Record<CounterName, number> & Record<`send_failed_${string}`, number>;

/**
 * All counters at zero. They add up: `segments_captured` is `segments_used` plus every `segments_dropped_*`;
 * `sessions_started` is `sessions_completed` plus every `sessions_given_up_*` plus the sessions that are open;
 * `answers_timed` and every `answers_missing_*` are `requests_sent` and `requests_said_again`, but for those in open sessions;
 * `requests_captured` is `requests_sent` plus every `requests_given_up_*` plus those that wait in open sessions.
 */
export function newCounters(): Counters {
  const plain: readonly Plain[] = [
    ...LATENESS_NAMES,
    'requests_sent_lateness_ms',
    'segments_captured',
    'segments_used',
    'connections_left_out',
    'sessions_started',
    'sessions_joined',
    'sessions_completed',
    'requests_captured',
    'requests_sent',
    'requests_said_again',
    'requests_refused',
    'requests_doubtful',
    'packets_sent',
    'packets_retransmitted',
    'packets_acknowledgment_only',
    'packets_too_big',
    'payload_bytes_sent',
    'replies_received',
    'replies_without_session',
    'probes_zero_window',
    'probes_tail_loss',
    'connections_closed_by_test',
    'connections_reset_by_test',
    'connections_again',
    'lingers_cut_short',
    'answers_cut',
    'answers_timed',
    'answers_test_only',
    'handshake_challenges',
    'source_ports_held',
    'answers_not_awaited',
  ];
  const names: CounterName[] = [
    ...plain,
    ...REFUSAL_REASONS.map((reason) => `copies_refused_${reason}` as const),
    ...MISSING_REASONS.map((reason) => `answers_missing_${reason}` as const),
    ...LEFT_REASONS.map((reason) => `answers_online_only_${reason}` as const),
    ...DROP_REASONS.map((reason) => `segments_dropped_${reason}` as const),
    ...GIVE_UP_REASONS.map((reason) => `sessions_given_up_${reason}` as const),
    ...GIVE_UP_REASONS.map((reason) => `requests_given_up_${reason}` as const),
  ];
  return Object.fromEntries(names.map((name) => [name, 0])) as Counters;
}
