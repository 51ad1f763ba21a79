/** Many addresses of one client, and which of them a connection comes from. */
import { addressAt, sizeOf, type Subnet } from '../topology/addresses';

/** Has no divisor in common with a power of two, so that connections go through all addresses. */
const STRIDE = 997n;

/** As it is typed. @param range of either family */
export const sourceOf = (range: Subnet, connection: number): string =>
  addressAt(range.base + ((BigInt(connection) * STRIDE) % sizeOf(range)));
