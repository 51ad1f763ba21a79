/** A program whose parts do what their command line says: for threads, which are started from this file. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommonOptions } from '../../../src/process/common-options';
import type { SharedProgram } from '../../../src/workers/shared';
import { runWorker, workerWishes } from '../../../src/workers/worker';

/** `<word> <number of the worker that it is for>` */
const [does = '', whose = '0'] = process.argv.slice(2);

const program: SharedProgram<CommonOptions> = {
  name: 'parts',
  parse: () => ({ kind: 'run', options: { given: new Map() } as unknown as CommonOptions }),
  changeable: [],
  start: () => Promise.reject(new Error('it is started by parts only')),
  startShare(_, log, { index, tellOthers, hearOthers, report, count }) {
    const isMeant = index === Number(whose);
    const heard: unknown[] = [];
    let reloaded = 0;
    let isStopped = false;
    hearOthers((words) => heard.push(words));
    if (does === 'refuse' && isMeant) return Promise.reject(new Error('there is no room for it'));
    if (does === 'die' && isMeant)
      setTimeout(() => {
        throw new Error('a fault of the program');
      }, 20);
    log.warning('begun', { of: count, next: 'nothing' });
    tellOthers(`from ${index}`);
    const ended = sleep(50).then(() => {
      report(`${index} is done`);
      return index;
    });
    return Promise.resolve({
      readings: () => ({
        counters: { seen: 10 * (index + 1), heard: heard.length, reloaded, stopped: isStopped ? 1 : 0 },
        gauges: { armed: isMeant ? 0 : 1, lateness_ms: index },
      }),
      standing: () => ({ ready: !isMeant, status: isMeant ? 'waits' : 'works' }),
      reload: () => {
        if (does === 'keep' && isMeant) throw new Error('the file is not there');
        return () => void (reloaded += 1);
      },
      stop: async () => {
        await sleep(1);
        isStopped = true;
      },
      ...(does === 'end' && { ended }),
    });
  },
};

const wishes = workerWishes();
if (wishes) await runWorker(program, wishes);
