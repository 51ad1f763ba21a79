/** The topology as it was started: who stands where, and what is copied from where to where. */

export interface PictureNode {
  readonly name: string;
  readonly role: 'client' | 'online' | 'test' | 'assistant' | 'router';
  readonly network: string;
  readonly address: string;
  /** Name of a further network -> the address there. */
  readonly networks?: Readonly<Record<string, string>>;
  /** `kind`: in a word, for people. */
  readonly server?: { readonly kind: string; readonly port: number };
}

export interface PictureCopy {
  readonly architecture: 'traditional' | 'data-link' | 'offline';
  /** Names of nodes. */
  readonly from: string;
  readonly to: string;
  /** Where responses are heard: the test server itself, or its assistants. */
  readonly heardAt: readonly string[];
  /** What the online server understands; a request of one's own can be sent where that is known. */
  readonly speech: 'http' | 'http2' | 'redis' | 'unknown';
}

export interface Picture {
  readonly lab: string;
  readonly topology: string;
  readonly description: string;
  readonly networks: readonly { readonly name: string; readonly subnet: string }[];
  readonly nodes: readonly PictureNode[];
  readonly copies: readonly PictureCopy[];
}
