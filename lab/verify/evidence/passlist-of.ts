/** Whom a scene's intercept lets responses through to. */
import { Passlist } from '../../../src/passlist/passlist';
import { parseAddress } from '../../../src/wire/address/address';
import type { Scene } from './scene';

export const passlistOf = ({ passlist, ownCopies }: Pick<Scene, 'passlist' | 'ownCopies'>): Passlist =>
  new Passlist(
    passlist.map((address) => parseAddress(address)!),
    ownCopies,
  );
