/** The course: every lesson, in the order in which they are learned. */
import { addresses } from './addresses';
import { dataLink } from './data-link';
import { doctor } from './doctor';
import { firstCopy } from './first-copy';
import { guard } from './guard';
import type { Lesson } from './lesson';
import { loss } from './loss';
import { manyOnline } from './many-online';
import { offline } from './offline';
import { options } from './options';
import { order } from './order';
import { otherwise } from './otherwise';
import { overload } from './overload';
import { passlist } from './passlist';
import { tcp } from './tcp';
import { teardown } from './teardown';

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
  doctor,
  otherwise,
  overload,
  teardown,
];
