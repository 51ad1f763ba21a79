/** The course: every lesson, in the order in which they are learned. */
import { addresses } from './setups/addresses';
import { cloud } from './setups/cloud';
import { compare } from './operation/compare';
import { dataLink } from './setups/data-link';
import { doctor } from './operation/doctor';
import { firstCopy } from './basics/first-copy';
import { guard } from './basics/guard';
import type { Lesson } from '../lesson/lesson';
import { loss } from './operation/loss';
import { manyOnline } from './setups/many-online';
import { offline } from './setups/offline';
import { options } from './operation/options';
import { order } from './basics/order';
import { otherwise } from './operation/otherwise';
import { overload } from './operation/overload';
import { passlist } from './basics/passlist';
import { tcp } from './basics/tcp';
import { teardown } from './basics/teardown';

export const lessons: readonly Lesson[] = [
  tcp,
  firstCopy,
  order,
  guard,
  passlist,
  dataLink,
  manyOnline,
  addresses,
  offline,
  loss,
  options,
  cloud,
  doctor,
  otherwise,
  overload,
  compare,
  teardown,
];
