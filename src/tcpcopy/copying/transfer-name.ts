/** What a transfer is called where its figures are told. */
import type { Transfer } from '../../session/contract';
import { formatEndpoint } from '../../wire/flow';

/** As `-x` has it. */
export function transferName({ onlineAddress, onlinePort, testAddress, testPort }: Transfer): string {
  const online = onlineAddress === undefined ? `${onlinePort}` : formatEndpoint(onlineAddress, onlinePort);
  return `${online}-${formatEndpoint(testAddress, testPort)}`;
}
