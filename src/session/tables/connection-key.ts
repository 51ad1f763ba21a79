/** A client's endpoint, and which address of the online server it speaks to, as one number. */
import { ENDPOINT_KEYS, endpointAddress, endpointKey, endpointPort } from '../../wire/flow';

/** Places that fit. */
export const PLACES = 2 ** 53 / ENDPOINT_KEYS;

/** @param place of the online server's address, below `PLACES` */
export const connectionKey = (clientAddress: number, clientPort: number, place: number): number =>
  endpointKey(clientAddress, clientPort) + place * ENDPOINT_KEYS;

/** The client's endpoint. */
export const clientOf = (key: number): { readonly clientAddress: number; readonly clientPort: number } => ({
  clientAddress: endpointAddress(key % ENDPOINT_KEYS),
  clientPort: endpointPort(key),
});
