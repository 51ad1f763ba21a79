/** How the client's side of a connection ends, behind its last byte. */
export interface Ending {
  readonly kind: 'fin' | 'rst';
  /** Stream offset of the FIN or the reset. */
  readonly offset: number;
  /** How far the client had read the online server's stream. */
  readonly clientAcknowledged: number;
  /** When the client said so. */
  readonly at_ms: number;
}
