/**
 * The states of a virtual TCP client and every transition between them: RFC 9293, figure 5, as seen from the side
 * that opens the connection, with three states around it.
 *
 * Read it so: in state S, event E leads to `TRANSITIONS[S][E]`; an event without an entry cannot happen in that state
 * and is an error of the engine, not of the peer.
 */
export type State =
  /** The client's address and port still belong to the copy of its previous connection. */
  | 'waiting'
  /** The test server ended a connection, and the next has not begun: the client has nothing to say, or it is given time. */
  | 'between'
  | 'syn-sent'
  | 'established'
  /** We sent FIN; it is not acknowledged. */
  | 'fin-wait-1'
  /** Our FIN is acknowledged, the test server may still send. */
  | 'fin-wait-2'
  /** The test server sent FIN, the client may still send. */
  | 'close-wait'
  /** Both sent FIN, ours is not acknowledged. */
  | 'closing'
  /** The test server closed first; our FIN is not acknowledged. */
  | 'last-ack'
  /** Both directions are closed; a repeated FIN of the test server is acknowledged again. */
  | 'time-wait'
  | 'closed';

export type StateEvent =
  | 'start'
  | 'syn-acknowledged'
  | 'fin-sent'
  | 'fin-acknowledged'
  | 'fin-received'
  | 'ended-by-test'
  | 'abort'
  | 'expire';

export const TRANSITIONS: Readonly<Record<State, Readonly<Partial<Record<StateEvent, State>>>>> = {
  waiting: { start: 'syn-sent', abort: 'closed' },
  between: { start: 'syn-sent', abort: 'closed' },
  'syn-sent': { 'syn-acknowledged': 'established', 'ended-by-test': 'between', abort: 'closed' },
  established: {
    'fin-sent': 'fin-wait-1',
    'fin-received': 'close-wait',
    'ended-by-test': 'between',
    abort: 'closed',
  },
  'fin-wait-1': {
    'fin-acknowledged': 'fin-wait-2',
    'fin-received': 'closing',
    'ended-by-test': 'between',
    abort: 'closed',
  },
  'fin-wait-2': { 'fin-received': 'time-wait', 'ended-by-test': 'between', abort: 'closed' },
  'close-wait': { 'fin-sent': 'last-ack', 'ended-by-test': 'between', abort: 'closed' },
  closing: { 'fin-acknowledged': 'time-wait', 'ended-by-test': 'between', abort: 'closed' },
  'last-ack': { 'fin-acknowledged': 'closed', 'ended-by-test': 'between', abort: 'closed' },
  'time-wait': { expire: 'closed', abort: 'closed' },
  closed: {},
};

/** @throws Error when the event cannot happen in that state: a programmer's error */
export function nextState(state: State, event: StateEvent): State {
  const next = TRANSITIONS[state][event];
  if (next === undefined) throw new Error(`no transition from ${state} on ${event}`);
  return next;
}
