/** What `tcpcopy` and `intercept` say to each other on the control channel. */
import type { PasslistEntries } from '../passlist/passlist';
import type { Endpoint } from '../wire/flow';
import type { Guard, Stood } from '../wire/guard';
import type { Lent, Reply, Route } from '../wire/reply';
import type { Share } from '../wire/tables/share';

/** Raised whenever a message changes its meaning or form. */
export const PROTOCOL_VERSION = 9;
export const CONTROL_PORT = 36524;

/** What a connection is for: it copies, or tells what is compared, and has nothing else to do with copies. */
export const PURPOSES = ['copy', 'compare'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** What `at` gives of them is lent, and all of them are until the next message; whoever goes through them with `for` may keep them. */
export type Routes = Lent<Route> & Iterable<Route>;
export type Replies = Lent<Reply> & Iterable<Reply>;

export type Message =
  /**
   * First from tcpcopy.
   *
   * @property instance chosen at random by each run
   * @property called where it takes this intercept to be
   * @property endpoints of the test servers that it copies to: what the guard has to be proven for
   */
  | {
      readonly kind: 'hello';
      readonly version: number;
      readonly instance: bigint;
      readonly purpose: Purpose;
      readonly called: Endpoint;
      readonly endpoints: readonly Endpoint[];
    }
  /**
   * First from intercept, in answer to a hello that it accepts.
   *
   * @property part which of several workers of this intercept it is, each at a port of its own, one behind the other: responses may
   * come to any of them
   * @property passlist what responses are let through to: nobody there may be copied
   */
  | {
      readonly kind: 'welcome';
      readonly version: number;
      readonly instance: bigint;
      readonly part: Share;
      readonly passlist: PasslistEntries;
    }
  /** Last of all: why the sender closes. */
  | { readonly kind: 'refuse'; readonly reason: string }
  /** From tcpcopy: replies of these connections are ours. */
  | { readonly kind: 'register'; readonly routes: Routes }
  | { readonly kind: 'unregister'; readonly routes: Routes }
  /** From tcpcopy: these copies ended without a word; what is left of them on the test server is to be buried. */
  | { readonly kind: 'abandon'; readonly routes: Routes }
  /** From tcpcopy: what the test server says on these connections is compared. */
  | { readonly kind: 'compare'; readonly routes: Routes }
  /**
   * From tcpcopy, on a connection of this purpose.
   *
   * @property records of what it saw of connections that are compared (src/answers/seen); borrowed until the next message
   */
  | { readonly kind: 'seen'; readonly records: Uint8Array }
  /**
   * From tcpcopy: something is about to be sent. The guard is to be proven now, and again and again for a second.
   *
   * @property number of this question, by which answers name it; above all before it
   */
  | { readonly kind: 'prove'; readonly number: number }
  /** From tcpcopy: words of clients wait for replies. For a while these are told sooner, in smaller batches. */
  | { readonly kind: 'hurry' }
  /** From intercept. */
  | { readonly kind: 'replies'; readonly replies: Replies }
  /** From intercept: replies of these connections will not come, another tcpcopy holds them or there are too many. */
  | { readonly kind: 'unroutable'; readonly routes: Routes }
  /**
   * From intercept, after the welcome, when it was asked to prove it, and once a second: is every response caught?
   *
   * @property stood when it stood so
   */
  | ({ readonly kind: 'guard'; readonly stood: Stood } & Guard)
  /** From both, so that a silent channel is known as dead. */
  | { readonly kind: 'heartbeat' };

export type MessageKind = Message['kind'];
/** A message that is a list of routes. */
export type RouteMessage = Extract<Message, { readonly routes: Routes }>;

/** The peer broke the protocol; `code` says how. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
  constructor(
    readonly code: 'frame-too-long' | 'unknown-type' | 'malformed' | 'bad-magic' | 'unexpected-message',
    message: string,
  ) {
    super(message);
  }
}
