/** A client's endpoint, and which address of the online server it speaks to, as one number. */
import { endpointAddress, endpointKey, endpointPort } from '../../wire/flow';

/** Places that fit: a client's endpoint takes 48 of the 53 bits of a number. */
export const PLACES = 32;
const PLACE_STEP = 2 ** 48;

/** @param place of the online server's address, below `PLACES` */
export const connectionKey = (clientAddress: number, clientPort: number, place: number): number =>
  endpointKey(clientAddress, clientPort) + place * PLACE_STEP;

/** The client's endpoint, addresses in host order. */
export const clientOf = (key: number): { readonly clientAddress: number; readonly clientPort: number } => ({
  clientAddress: endpointAddress(key % PLACE_STEP),
  clientPort: endpointPort(key),
});
