/** Who may speak on the control channel, and what the log says of it. */
import { readKeyFile } from '../control/key-file';
import type { Admittance } from '../control/server';
import { localAddresses } from '../kernel/netlink/local-addresses';
import type { Log } from '../process/log';
import type { InterceptOptions } from './options';
import type { OwnAddresses } from './replies/own-addresses';
import { servedBy } from './served';

const NEXT =
  'tcpcopy keygen makes a key: give it to both programs (--key-file); or name in --peers the addresses that tcpcopy connects from';

/** @throws KeyFileError */
export function admittanceOf(options: InterceptOptions, own: OwnAddresses, log: Log): Admittance {
  const { keyFile, passlist, names, controlPort } = options;
  const whyNotServed = servedBy(options, own, log);
  const named = options.peers ?? passlist;
  // This machine's own are let in, as they are on every passlist: whoever is here needs no channel to hear what is here.
  const peers =
    named.length === 0 ? [] : [...named, ...localAddresses().single.map(({ address }) => address)];
  if (keyFile !== undefined) {
    const keys = readKeyFile(keyFile);
    log.info('control channel sealed', { key_file: keyFile, accepted: keys.map(({ id }) => id) });
    return { keys, peers, names, whyNotServed };
  }
  if (peers.length === 0)
    log.warning('control channel open', {
      reason: `whoever reaches port ${controlPort} may speak there, and hears headers of what is copied: there is no --key-file, and neither --peers nor -x names who may`,
      next: NEXT,
    });
  return { peers, whyNotServed };
}
