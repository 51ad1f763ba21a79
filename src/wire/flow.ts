/** IPv4 addresses, endpoints (address and port) and flows (a pair of endpoints), as numbers that can be map keys. */

export interface Endpoint {
  /** Host order. */
  readonly address: number;
  readonly port: number;
}

/** An endpoint as one number: address * 2^16 + port, below 2^48 and so exact. */
export type EndpointKey = number;

export const endpointKey = (address: number, port: number): EndpointKey => address * 0x10000 + port;
export const endpointAddress = (key: EndpointKey): number => Math.floor(key / 0x10000);
export const endpointPort = (key: EndpointKey): number => key % 0x10000;

/** Dotted decimal of an address in host order. */
export const formatAddress = (address: number): string =>
  `${address >>> 24}.${(address >>> 16) & 0xff}.${(address >>> 8) & 0xff}.${address & 0xff}`;

export const formatEndpoint = (address: number, port: number): string => `${formatAddress(address)}:${port}`;

/** Of 127.0.0.0/8 (RFC 1122, section 3.2.1.3). @param address host order */
export const isLoopback = (address: number): boolean => address >>> 24 === 127;

/** Host order, or undefined when `text` is not four decimal numbers of 0 to 255 without leading zeros. */
export function parseAddress(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let address = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    address = address * 256 + Number(part);
  }
  return address;
}

/** 1 to 65535, or undefined. */
export function parsePort(text: string): number | undefined {
  if (!/^[1-9]\d{0,4}$/.test(text)) return undefined;
  const port = Number(text);
  return port <= 0xffff ? port : undefined;
}
