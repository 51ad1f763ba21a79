import { expect } from '@jest/globals';
import { silent } from '../../lab/engine/docker/progress';
import type { RunningLab } from '../../lab/engine/commands/lab';
import { statusOf } from '../../lab/engine/status';
import { findLab } from '../../lab/engine/labs/find';
import { inOwnLab } from '../../lab/scenarios/own-lab';
import { Ground } from '../../lab/scenarios/planted/ground';
import { plantedLeaks, type PlantedLeak } from '../../lab/scenarios/planted/planted';
import { sceneOf } from '../../lab/verify/collect/scene-of';
import { verifyLab } from '../../lab/verify/verify-lab';
import ipv6 from '../../topologies/traditional-ipv6';

const LOAD = { seed: 7, requests: 90, rate: 90, patience_ms: 300 };

/** Nothing is copied: what is found was planted. */
async function inBareLab(work: (lab: RunningLab) => Promise<void>): Promise<void> {
  const { signal } = new AbortController();
  await inOwnLab(ipv6, { name: `e2e-ipv6-${process.pid}`, bare: true, progress: silent, signal }, work);
}

const said = async (lab: RunningLab, node: string, ...argv: string[]): Promise<string> => {
  const { stdout, stderr } = await lab.node(node).exec(argv);
  return `${stdout.toString()}${stderr.toString()}`.trim();
};

test('nodes speak IPv6 to each other by their names, and reach nobody else', async () => {
  await inBareLab(async (lab) => {
    expect(await said(lab, 'client', 'curl', '-s', '-6', 'http://online/')).toBe('ok');
    expect(await said(lab, 'client', 'ip', 'route', 'get', '2001:db8::1')).toContain('unreachable');
    expect(await said(lab, 'client', 'cat', '/proc/sys/net/ipv6/conf/eth0/accept_ra')).toBe('0');
    const waysOut = async (): Promise<readonly boolean[]> => {
      const { checks } = await statusOf(await findLab(lab.name));
      return checks.filter(({ step }) => step.startsWith('way-out:')).map(({ passed }) => passed);
    };
    expect(await waysOut()).toEqual([true, true, true]);
    await said(lab, 'online', 'ip', '-6', 'route', 'add', 'default', 'via', '2001:2:0:27::1');
    expect(await waysOut()).toEqual([true, false, true]);
  });
});

test('leaks that are planted over IPv6 are all found, each under its name', async () => {
  const isFrame = ({ architecture, family, name }: PlantedLeak): boolean =>
    architecture === 'traditional' && family !== 4 && !name.startsWith('many');
  const planted = plantedLeaks.filter(isFrame);
  await inBareLab(async (lab) => {
    const ground = await Ground.of(lab, await sceneOf(lab));
    const { verification } = await verifyLab(lab, {
      ...LOAD,
      onPhase: async (phase) => {
        if (phase === 'half-way') for (const leak of planted) await leak.plant(ground);
      },
    });
    const { leaks, reasons, controls, load } = verification;
    const found = [...leaks.names, ...leaks.exposures.map(({ kind }) => kind)];
    const wanted = planted.map((one) => ('leak' in one.found ? one.found.leak : one.found.exposure));
    expect([...new Set(wanted)].filter((name) => !found.includes(name))).toEqual([]);
    // Two of them are two frames each: one comes again, one is seen at both ends of its device. One is an exposure.
    expect(leaks.byFamily).toEqual({ 4: 0, 6: planted.length + 2 - 1 });
    // Who was sent a SYN-ACK refuses it, and may be asked for then, too.
    expect(new Set(leaks.exposures.map(({ kind }) => kind))).toEqual(new Set(['neighbour-solicitation']));
    expect(controls.every(({ seen }) => seen)).toBe(true);
    expect(load.directAnswers).toBe(12);
    expect(reasons.map(({ code }) => code)).not.toContain('load-failed');
  });
});

test('without a leak, the ledger and the taps of IPv6 agree with the kernel and with tcpdump', async () => {
  await inBareLab(async (lab) => {
    const { verification } = await verifyLab(lab, LOAD);
    expect(verification.leaks).toMatchObject({ frames: 0, exposures: [] });
    expect(verification.requests).toMatchObject({ sent: 90, online: 90, test: 0, missing: 90 });
    expect(verification.reasons.map(({ code }) => code)).toEqual([
      'guard-rule-missing',
      'intercept-not-running',
      'tcpcopy-not-running',
      'requests-missing',
    ]);
  });
});
