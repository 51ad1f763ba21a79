/** Traditional: intercept runs on the test server, whose responses wait in an NFQUEUE until they are dropped. */
import type { Nobody } from '../../guard/canaries';
import type { Backend } from '../../kernel/backend';
import { connectionsOf } from '../../kernel/connections';
import type { LettingThrough, OwnCopies } from '../../passlist/passlist';
import type { Log } from '../../process/log';
import { openVerdictQueue } from '../../verdict/open';
import type { QueueOptions } from '../../verdict/queue';
import { parseAddress } from '../../wire/address/address';
import { ALONE, type Share } from '../../wire/tables/share';
import type { SegmentFault } from '../../wire/segment';
import { judgeResponses } from './judge-responses';
import { manyNobodies, oneNobody } from './nobodies';
import type { OwnAddresses } from './own-addresses';
import { nobodiesOf } from '../../wire/nobodies';
import { QueueProof } from './queue-proof';
import type { ReplyEvents, ReplySource } from './reply-source';

export interface Passed {
  /** Whom responses are let through to, this machine itself among them. */
  readonly passlist: LettingThrough;
  readonly ownCopies: readonly OwnCopies[];
  readonly own: OwnAddresses;
}

/** Whom proofs are sent to where one worker makes them. */
export const NOBODY = { 4: parseAddress(nobodiesOf(4)[0]!)!, 6: parseAddress(nobodiesOf(6)[0]!)! };

/**
 * @param canary addresses that canaries are sent to; by default such as no network has
 * @param share of a worker, to whose queue the kernel leads what is sent to some addresses (`--queue-balance`)
 */
export function openReplyQueue(
  backend: Backend,
  options: QueueOptions,
  { passlist, ownCopies, own }: Passed,
  canary: Nobody,
  events: ReplyEvents,
  log: Log,
  share: Share = ALONE,
): ReplySource {
  const faults: Partial<Record<SegmentFault, number>> = {};
  const judge = judgeResponses(passlist, (view) => proof.caught(view), events, faults);
  const queue = openVerdictQueue(backend, options, judge);
  const nobody = share.count > 1 ? manyNobodies(share) : oneNobody({ ...NOBODY, ...canary });
  const first = options.number - share.index;
  const queues = { first, last: first + share.count - 1, own: options.number };
  const proof = new QueueProof(queue, queues, nobody, ownCopies, own, events, backend);
  if (options.length !== undefined && !queue.lengthIsSet) {
    log.warning('queue length not set', {
      asked: options.length,
      next: `the ${queue.description} leaves the kernel's length of 1024 packets`,
    });
  }
  return {
    description: queue.description,
    get counters() {
      const rejected = Object.entries(faults).map(([fault, count]) => [`responses_rejected_${fault}`, count]);
      return {
        ...queue.counters,
        ...proof.counters,
        ...(Object.fromEntries(rejected) as Record<string, number>),
      };
    },
    prove: (copied, now_ms) => proof.prove(copied, now_ms),
    connections: (copied) =>
      connectionsOf(copied).filter(
        ({ clientAddress, clientPort }) => !passlist.passes(clientAddress, clientPort),
      ),
    close() {
      proof.close();
      queue.close();
    },
  };
}
