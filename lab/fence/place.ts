/** What a fence is, wherever it stands: addresses, numbers, paths. */

/** Where names are answered, on the loopback; and the number of the group that calls are logged to. */
export const FENCE_PORT = 36526;
/** Of the loopback, where nobody listens. */
export const CLOSED_PORT = 36527;
/** Docker's, as containers on its networks know it. */
export const DOCKERS_RESOLVER = '127.0.0.11';
export const DNS_PORT = 53;
/** What was asked for and called so far, as `FenceRecord` in JSON. */
export const RECORD_FILE = '/run/lab-fence.json';

/** What asks for a name of these tries the fence itself (RFC 2606). */
export const PROBE_SUFFIX = '.fence.invalid';
/** What such a name is answered with; nobody has it (RFC 5737, TEST-NET-3). */
export const PROBE_ADDRESS = '203.0.113.1';
/** Each other name from outside has an address of its own, so that a call tells its name (RFC 5737, TEST-NET-2). */
export const ANSWERS_PREFIX = '198.51.100.';
export const ANSWERS_MAX = 254;

/** Reverse lookups within labs (RFC 2544's range), and of the loopback, ask for nobody outside. */
export const INSIDE_NAMES = /(?:\.(?:18|19)\.198|\.127)\.in-addr\.arpa$/;
