/** What becomes of calls from the test side to those who are not of it. */
import type { BuildServer, ImageServer } from './servers';

/**
 * Name, or IPv4 address -> what is made of calls to it. `allowed`: they are known of, and not told; a node of the lab is
 * reached then, and nobody else ever is. A server answers in the place of whoever has that name elsewhere.
 */
export type WrittenOutside = Readonly<
  Record<string, 'allowed' | { readonly server: ImageServer | BuildServer }>
>;

/** As a lab is started: servers stand beside those who call them, and are no outside any more. */
export type Outside = Readonly<Record<string, 'allowed'>>;
