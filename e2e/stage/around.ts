/** What scenarios and planted leaks are played in, where a test does not say otherwise. */
import { silent } from '../../lab/engine/docker/progress';
import dataLink from '../../topologies/data-link';
import traditional from '../../topologies/traditional';

export const around = {
  topologies: { traditional, 'data-link': dataLink },
  seed: 2_014,
  progress: silent,
  signal: new AbortController().signal,
  onResult: () => undefined,
};
