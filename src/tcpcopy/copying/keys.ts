/** The keys that tcpcopy proves to intercept. */
import { readKeyFile } from '../../control/key-file';
import type { Key } from '../../control/sealed/key';
import type { TcpcopyOptions } from '../options/options';

/** @returns undefined where the control channel is in the clear @throws KeyFileError */
export const keysOf = ({ keyFile }: TcpcopyOptions): readonly Key[] | undefined =>
  keyFile === undefined ? undefined : readKeyFile(keyFile);
