import { expect, jest } from '@jest/globals';
import { contains, parseSubnet, placeOf } from '../../lab/topology/addresses';
import { formatAddress } from '../../src/wire/address/address';
import { eachFrame } from '../../lab/verify/frames/frames';
import type { TapEvidence } from '../../lab/verify/evidence/tap';
import { verifyLab } from '../../lab/verify/verify-lab';
import impaired from '../../topologies/impaired';
import manyOnline from '../../topologies/many-online';
import subnetClients from '../../topologies/subnet-clients';
import { drawing } from '../stage/drawn';
import { withLab } from '../stage/verify-support';

jest.setTimeout(480_000);

const shipped = drawing('large topologies', 1);

shipped('three online servers, two assistants: each copy is exact, and nothing leaks', async () => {
  await withLab('e2e-many-online', manyOnline, async (lab) => {
    for (const { from } of lab.topology.copies) {
      const verification = await lab.verify({ from, seed: 7, requests: 600 });
      expect(verification.reasons).toEqual([]);
      expect(verification.scene.online.name).toBe(from);
      expect(verification.requests).toMatchObject({ sent: 600, online: 600, test: 600 });
      expect(verification.controls).toHaveLength(10);
    }
  });
});

/** Who sent to the port, by the tap in front of it. */
function sourcesIn({ capture }: TapEvidence, port: number): Set<number> {
  const sources = new Set<number>();
  eachFrame(capture, ({ segment }) => {
    if (segment?.destinationPort === port) sources.add(segment.source);
  });
  return sources;
}

shipped('clients of hundreds of addresses are copied from one range', async () => {
  await withLab('e2e-subnet-clients', subnetClients, async (lab) => {
    const { verification, evidence } = await verifyLab(lab, { seed: 7 });
    expect(verification.reasons).toEqual([]);
    const tap = (node: string): TapEvidence => evidence.taps.find((one) => one.node === node)!;
    const clients = [...sourcesIn(tap('online'), 80)].map(formatAddress);
    const range = parseSubnet(lab.topology.nodes['client']!.sources!)!;
    expect(clients.length).toBeGreaterThan(200);
    expect(clients.filter((address) => !contains(range, placeOf(address)))).toEqual([]);
    const copies = [...sourcesIn(tap('test'), 8080)].map(formatAddress);
    const routed = parseSubnet(lab.topology.copies[0]!.routes![0]!.sources)!;
    const direct = new Set(verification.scene.passlist);
    const strangers = copies
      .filter((address) => !contains(routed, placeOf(address)))
      .filter((address) => !direct.has(address));
    expect(strangers).toEqual([]);
    expect(copies.length).toBeGreaterThan(100);
  });
});

shipped(
  'over a network that delays, reorders, loses and limits the copy is exact, and nothing leaks',
  async () => {
    await withLab('e2e-impaired', impaired, async (lab) => {
      const verification = await lab.verify({ seed: 7, requests: 600 });
      expect(verification.reasons).toEqual([]);
      expect(verification.requests).toMatchObject({ sent: 600, online: 600, test: 600 });
      expect((await lab.status()).links.map(({ node }) => node)).toEqual(['client', 'online', 'test']);
    });
  },
);

shipped.play();
