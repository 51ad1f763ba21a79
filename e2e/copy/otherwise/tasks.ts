/**
 * What the two programs of this folder are asked to be, and what the servers write down. A request is a line that begins with
 * its name and has some filler; what servers say are lines as well: greetings, answers, and what they push.
 */

/** By port. The programs' only argument, as JSON. */
export type ServerTask = Readonly<Record<number, ServerManner>>;
export type ClientTask = readonly ClientPart[];

/** How a server behaves on one port. */
export interface ServerManner {
  /** One after the other, on each connection from the first again. */
  readonly answers: readonly Answer[];
  /** Of what it says to whoever connects. */
  readonly greeting_bytes?: number;
  /** What it says unasked. */
  readonly pushes?: { readonly bytes: number; readonly every_ms: number };
  /** How it ends connections that their clients would keep. */
  readonly ends?: Ending;
  /** Now and then it is busy with something else. */
  readonly stalls?: Stall;
  /** What it does until it is told that it is back (SIGUSR2). */
  readonly away?: Away;
}

export type Answer = 'none' | WrittenAnswer;

export interface WrittenAnswer {
  readonly bytes: number;
  /** How late it begins. */
  readonly after_ms?: number;
  /** Writes that it comes in, with a pause between two of them. */
  readonly pieces?: number;
  readonly pause_ms?: number;
}

export interface Ending {
  /** So many answers on a connection; `any`: another number on each, up to 20. */
  readonly behind: number | 'any';
  readonly after_ms?: number;
  /**
   * `closes`, `resets`: what comes then is refused by its kernel. `discards`: it reads on, and throws away what it reads.
   * `carries-out`: it reads on, and answers no more. `dies`: it carries the next request out, and closes, or resets, instead of
   * answering.
   */
  readonly how: 'closes' | 'resets' | 'discards' | 'carries-out' | 'dies' | 'dies-by-reset';
}

/** Behind so many answers of a connection nobody reads it for so long, and then all at once. */
export interface Stall {
  readonly behind: number;
  readonly for_ms: number;
}

/** `refuses`: nothing listens. `resets`: who connects is reset. `leaves`: told so (SIGUSR1), it resets all and refuses. */
export type Away = 'refuses' | 'resets' | 'leaves';

/** What clients of one port do: connections at the same time, of so many requests each. */
export interface ClientPart {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Of the first connection; each has its own, and uses it once. */
  readonly localPort: number;
  readonly client: ClientManner;
  /** Behind the beginning of all. */
  readonly begins_ms: number;
  /** The server speaks first. */
  readonly isGreeted: boolean;
}

export interface ClientManner {
  readonly connections: number;
  readonly requests: number;
  /** `asks`: says the next request when the answer is there. `tells`: says one each `pause_ms`, and reads what comes. */
  readonly how: 'asks' | 'tells';
  /** Before each request but the first. Default 0. */
  readonly pause_ms?: number;
  /** Requests that a client that asks says in a row, a write each, before it reads what answers them. Default 1. */
  readonly pipelined?: number;
  /** Length of a request, name included. Default: its name and no more. */
  readonly request_bytes?: number;
  /** Between the beginnings of two connections. Default 0: they begin together. */
  readonly apart_ms?: number;
  readonly closes?: 'by-reset';
}

/** A line of a server's record, JSON. */
export interface ServerEvent {
  /** Since the epoch, of the machine that all nodes are on. */
  readonly at_ms: number;
  readonly port: number;
  /** The client's. */
  readonly clientPort: number;
  readonly what:
    | 'opened'
    /** A request was read to its end, and with it carried out. */
    | 'heard'
    /** Its answer was written to its end, for a client that had not said its own end before. */
    | 'answered'
    /** The client's end came before the whole answer. */
    | 'cut-off'
    /** It was carried out, but the connection was ended instead of answering, or before it. */
    | 'died'
    | 'closed'
    /** The program had to wait for its turn on the machine; port 0. */
    | 'late';
  /** The request's name; of `opened` and `closed` none. */
  readonly request?: string;
  /** Of `heard`: the answer before was not at its end. */
  readonly early?: boolean;
  /** Of `heard`: others came with it, of which none was answered yet. */
  readonly together?: boolean;
  /**
   * Of `answered`: a pause before it or within it lasted half as long again as it was to. Of `opened`, where it is reset: the
   * server had not had its turn on the machine for a while, and what came meanwhile was acknowledged.
   */
  readonly slow?: boolean;
}
