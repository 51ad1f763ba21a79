/** Every scenario that is shipped, in the order in which `lab run all` plays them. */
import type { Scenario } from '../scenario';
import { startOrders } from './start-orders';

export const scenarios: readonly Scenario[] = [...startOrders];
