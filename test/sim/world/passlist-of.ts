/** Whom the intercept of a world lets responses through to. */
import { Passlist } from '../../../src/passlist/passlist';
import type { WorldPlan } from './plan/plan';

/** @param clients by their number in the plan @param further addresses (host order) */
export function passlistOf(
  { options: { own }, ...plan }: WorldPlan,
  clients: readonly number[],
  further: readonly number[] = [],
): Passlist {
  const { addresses = [], ports } = own ?? {};
  const passed = plan.passlist.map((client) => clients[client]!);
  return new Passlist(
    [...passed, ...addresses, ...further],
    addresses.map((address) => ({ address, ports: ports! })),
  );
}
