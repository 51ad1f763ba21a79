/** Answers compared while the lab is verified: the copy is as exact and as silent as without. */
import { describe, expect } from '@jest/globals';
import dataLink from '../../topologies/data-link';
import traditional from '../../topologies/traditional';
import { copyAfresh } from '../stage/copy-afresh';
import { stopProgram } from '../stage/copy-by-hand';
import { drawing } from '../stage/drawn';
import { EXACT_MS, shell, verify } from '../stage/verify-support';

const REPORT = '/tmp/report.json';
const REQUESTS = 800;

interface Report {
  readonly pairs: number;
  readonly unjudged: number;
  readonly unmatched: { readonly online: number; readonly test: number };
  readonly times: { readonly test_ms: { readonly p50: number } };
}

describe.each([
  { topology: traditional, hears: 'test' },
  { topology: dataLink, hears: 'assistant' },
])('$topology.name', ({ topology, hears }) => {
  const verified = drawing(`verifications of a lab that compares at the ${hears}`, 1);
  const afresh = copyAfresh(topology, `e2e-compare-${hears}`);

  verified(
    `a lab that compares at the ${hears} is verified like any other, and each of its requests has its partner`,
    async () => {
      const lab = await afresh(() => ({
        tcpcopy: ['--compare', '100%'],
        intercept: ['--compare', '--compare-out', REPORT],
      }));
      const { reasons } = await verify(lab, {}, { requests: REQUESTS, patience_ms: EXACT_MS });
      expect(reasons).toEqual([]);
      await stopProgram(lab.node('online'), 'tcpcopy');
      await stopProgram(lab.node(hears), 'intercept');
      const written = (await lab.node(hears).readFile(REPORT)).toString();
      const { pairs, unjudged, unmatched, times } = JSON.parse(written) as Report;
      expect({ pairs, unjudged, unmatched }).toEqual({
        pairs: REQUESTS,
        unjudged: 0,
        unmatched: { online: 0, test: 0 },
      });
      expect(times.test_ms.p50).toBeGreaterThan(0);
    },
  );

  verified(
    `what compares at the ${hears} may be stopped and killed meanwhile: nothing leaks, and nothing is missing`,
    async () => {
      const lab = await afresh(() => ({ tcpcopy: ['--compare', '100%'], intercept: ['--compare'] }));
      const tell = (signal: string) => () => shell(lab.node(hears), `pkill -${signal} -x comparer`);
      const { reasons } = await verify(
        lab,
        { 'load-started': tell('STOP'), 'half-way': tell('KILL') },
        { requests: REQUESTS, patience_ms: EXACT_MS },
      );
      expect(reasons).toEqual([]);
      const log = (await lab.node(hears).readFile('/var/log/intercept.log')).toString();
      expect(log).toContain('comparison lost');
    },
  );

  verified.play();
});
