/** The requests of a load, as a recording names them. */
import { deriveSchedule, type LoadProfile } from '../../load/requests/schedule';
import type { RecordedRequest } from '../messages/recording';

export const requestsOf = (profile: LoadProfile): RecordedRequest[] =>
  deriveSchedule(profile).flatMap(({ requests }) =>
    requests.map(({ identity, bytes }) => ({ identity, length_bytes: bytes.length })),
  );
