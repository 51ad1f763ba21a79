import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { RunningLab } from '../../lab/library';
import dataLink from '../../topologies/data-link';
import { copyAfresh } from '../stage/copy-afresh';
import { drawing } from '../stage/drawn';
import { eventually } from '../stage/eventually';
import { inNetworkNamespace } from '../stage/in-network-namespace';
import {
  contradictions,
  EXACT_MS,
  expectReasons,
  expectReasonsWith,
  messageOf,
  shell,
  verify,
} from '../stage/verify-support';

const afresh = copyAfresh(dataLink, 'e2e-verify-data-link');

const breakage = drawing('breakages', 1);

const forward = (lab: RunningLab, value: 0 | 1): Promise<void> =>
  inNetworkNamespace(lab, 'assistant', ['sysctl', '-qw', `net.ipv4.ip_forward=${value}`]);

/** The test server's routes, as they are in this lab's own network. */
function routesOf(lab: RunningLab): { sources: string; assistant: string } {
  const { sources } = lab.topology.copies[0]!.routes![0]!;
  return { sources, assistant: lab.topology.nodes['assistant']!.address };
}

async function isArmed(lab: RunningLab): Promise<boolean> {
  const log = await lab.node('online').readFile('/var/log/tcpcopy.log');
  return (
    log
      .toString()
      .match(/"event":"(?:not )?copying"/g)
      ?.at(-1) === '"event":"copying"'
  );
}

test('a healthy lab passes, also after its assistant has forwarded for a while', async () => {
  const lab = await afresh();
  const healthy = await verify(lab, {}, { requests: 2400, patience_ms: EXACT_MS });
  expect(healthy.reasons).toEqual([]);
  expect(healthy.requests).toMatchObject({ sent: 2400, online: 2400, test: 2400 });
  expect(healthy.controls).toHaveLength(7);

  await forward(lab, 1);
  await eventually(async () => !(await isArmed(lab)));
  const unguarded = await verify(lab);
  expectReasons(unguarded, ['assistant-forwards', 'requests-missing']);
  expect(unguarded.requests.test).toBe(0);

  await forward(lab, 0);
  await eventually(() => isArmed(lab));
  expect((await verify(lab, {}, { patience_ms: EXACT_MS })).reasons).toEqual([]);
});

breakage('an assistant that begins to forward while copying leaks, and is named', async () => {
  const lab = await afresh();
  try {
    // One that has no turn for a moment cannot stop the copy at once: what is under way then is let on.
    const verification = await verify(lab, {
      'half-way': async () => {
        await shell(lab.node('assistant'), 'pkill -STOP -x intercept');
        await forward(lab, 1);
        await sleep(500);
        await shell(lab.node('assistant'), 'pkill -CONT -x intercept');
      },
    });
    expectReasonsWith(verification, ['assistant-forwards', 'leak']);
    expect(messageOf(verification, 'assistant-forwards')).toMatch(
      /net\.ipv4\.ip_forward.*It was not so before the load\./,
    );
    expect(verification.leaks.byTap['client']).toBeGreaterThan(0);
    expect(contradictions(verification)).toEqual([]);
  } finally {
    await forward(lab, 0);
  }
});

breakage('a route that goes is named, and the black hole behind it keeps everything back', async () => {
  const lab = await afresh();
  const { sources, assistant } = routesOf(lab);
  const verification = await verify(lab, {
    'half-way': () => shell(lab.node('test'), `ip route del ${sources} via ${assistant}`),
  });
  // Requests that the test server could not answer any more are not in its log.
  expectReasons({ reasons: verification.reasons.slice(0, 2) }, ['route-missing', 'requests-missing']);
  expect(verification.leaks.frames).toBe(0);
});

breakage('without route and black hole the test server finds the clients by itself', async () => {
  const lab = await afresh();
  const { sources, assistant } = routesOf(lab);
  const verification = await verify(lab, {
    'half-way': () =>
      shell(
        lab.node('test'),
        `ip route del blackhole ${sources} metric 4096 && ip route del ${sources} via ${assistant}`,
      ),
  });
  expectReasonsWith(verification, ['route-direct', 'black-hole-missing', 'leak']);
  expect(verification.leaks.byTap['client']).toBeGreaterThan(0);
  expect(contradictions(verification)).toEqual([]);
});

breakage('an intercept that dies is named with its node, and nothing leaks', async () => {
  const lab = await afresh();
  const verification = await verify(lab, {
    'half-way': () => lab.node('assistant').exec(['pkill', '-KILL', '-f', 'programs/intercept']),
  });
  expectReasons(verification, ['intercept-not-running', 'requests-missing']);
  expect(messageOf(verification, 'intercept-not-running')).toBe(
    'intercept ran on assistant before the load and is gone.',
  );
  expect(verification.leaks.frames).toBe(0);
});

breakage.play();
