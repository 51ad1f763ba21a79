/** What a load is called, wherever it is spoken of. */
export interface LoadName {
  /** On the command line. */
  readonly id: string;
  readonly title: string;
  /** Requests at test in the C original 0.9.10 with NFQUEUE, 1.2 with data link, 1.2 with pcap capture. */
  readonly original?: string;
}
