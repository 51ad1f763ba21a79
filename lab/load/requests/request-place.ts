/** A request before its bytes are written. */
export interface RequestPlace {
  readonly identity: string;
  /** The client asks the server to close the connection behind its answer. */
  readonly closes: boolean;
  /** Forced for a few requests, so that the limits are always met; otherwise drawn. */
  readonly bodyBytes: number | undefined;
}

export const BODY_BYTES_MAX = 100 * 1024;
