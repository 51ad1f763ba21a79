import { expect } from '@jest/globals';
import routed from '../../topologies/routed';
import routedDataLink from '../../topologies/routed-data-link';
import { drawing } from '../stage/drawn';
import { answerFor, EXACT_MS, expectReasonsWith, shell, verify, withLab } from '../stage/verify-support';

const HEALTHY = { requests: 300, patience_ms: EXACT_MS };
const behindRouter = drawing('breakages behind a router', 1);

behindRouter('a response that slips the guard is let on to a client, and seen there', async () => {
  await withLab('e2e-routed', routed, async (lab) => {
    expect((await verify(lab, {}, HEALTHY)).reasons).toEqual([]);
    const rule = 'OUTPUT -p tcp --sport 8080 -j NFQUEUE';
    const leaking = await verify(lab, {
      'half-way': async () => {
        await shell(lab.node('test'), `iptables -D ${rule}`);
        for (const client of ['client', 'client-b']) await answerFor(lab, client);
      },
    });
    expectReasonsWith(leaking, ['guard-rule-missing', 'leak']);
    const seen = ['client', 'client-b', 'router on home', 'router on rehearsal', 'bridge home'];
    expect(seen.filter((tap) => !leaking.leaks.byTap[tap])).toEqual([]);
  });
});

behindRouter('a router without the policy for responses sends them to clients, and is named', async () => {
  await withLab('e2e-routed-data-link', routedDataLink, async (lab) => {
    const healthy = await verify(lab, {}, HEALTHY);
    expect(healthy.reasons).toEqual([]);
    expect(healthy.controls.map(({ tap }) => tap)).toEqual(
      expect.arrayContaining(['client', 'assistant', 'router on home', 'bridge home', 'bridge sink']),
    );
    const leaking = await verify(lab, {
      'half-way': () => shell(lab.node('router'), 'ip rule del lookup 100'),
    });
    expectReasonsWith(leaking, ['policy-missing', 'leak']);
    expect(leaking.leaks.byTap).toMatchObject({ assistant: 0, 'router on rehearsal': 0 });
    expect(leaking.leaks.byTap['client']).toBeGreaterThan(0);
  });
});

behindRouter.play();
