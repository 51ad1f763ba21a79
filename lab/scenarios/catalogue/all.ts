/** Every scenario that is shipped, in the order in which `lab run all` plays them. */
import type { Scenario } from '../stage/scenario';
import { cloud } from './cloud';
import { controlChannel } from './control';
import { disk } from './disk';
import { kills } from './kills';
import { packetLoss } from './packet-loss';
import { pauses } from './pauses';
import { routing } from './routing';
import { rules } from './rule';
import { startOrders } from './start-orders';
import { stopOrders } from './stop-orders';
import { testServer } from './test-server';

export const scenarios: readonly Scenario[] = [
  ...startOrders,
  ...stopOrders,
  ...kills,
  ...pauses,
  ...controlChannel,
  ...packetLoss,
  ...rules,
  ...routing,
  ...testServer,
  ...disk,
  ...cloud,
];
