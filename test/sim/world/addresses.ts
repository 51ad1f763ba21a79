/** Who is who in a simulated world; addresses in host order. */
export const CLIENTS: readonly number[] = [0xc612_0a0a, 0xc612_0a0b];
export const ONLINE = 0xc612_0a14;
export const ONLINE_PORT = 80;
export const TEST = 0xc612_0a1e;
export const TEST_PORT = 8080;
