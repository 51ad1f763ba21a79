/** What can be wrong between two engines, done to their network namespaces and undone, with what a doctor has to say of it. */
import { execa } from 'execa';
import type { OwnEngine, TwoEngines } from './two-engines';

export interface Breakage {
  readonly what: string;
  /** Words of the diagnosis: what it is, and where. */
  readonly named: readonly string[];
  readonly cause: string;
  /** Resolves with what undoes it. */
  readonly break: (engines: TwoEngines) => Promise<() => Promise<unknown>>;
}

const within = ({ namespace }: OwnEngine, ...argv: string[]) =>
  execa('ip', ['netns', 'exec', namespace, ...argv]);

/** A rule that takes a port's packets away. */
const blocked = (
  of: 'a' | 'b',
  rule: string,
  port: string,
  named: readonly string[],
  iptables = 'iptables',
): Breakage => ({
  what: `on ${of}: ${iptables} -I ${rule}`,
  cause: 'swarm-port-blocked',
  named: [`${port} (`, ...named],
  async break(engines) {
    const words = rule.split(' ');
    await within(engines[of], iptables, '-I', ...words);
    return () => within(engines[of], iptables, '-D', ...words);
  },
});

const small = (of: 'a' | 'b', mtu_bytes: number): Breakage => ({
  what: `an MTU of ${mtu_bytes} on ${of}`,
  cause: 'path-mtu-small',
  named: [`lab-e2e-${of}0 on ${of} has an MTU of ${mtu_bytes}`],
  async break(engines) {
    const { namespace, port } = engines[of];
    const set = (mtu: number) => execa('ip', ['-n', namespace, 'link', 'set', port, 'mtu', String(mtu)]);
    await set(mtu_bytes);
    return () => set(1500);
  },
});

const SUBNET6 = '2001:2:0:fa';

/** The same where the machines have IPv6 only, and are in no swarm: by which addresses they reach each other is clear. */
const over6 = ({ what, named, cause, break: breakIt }: Breakage): Breakage => ({
  what: `over IPv6, ${what}`,
  named: [...named, `${SUBNET6}::`],
  cause,
  async break(engines) {
    const both = [engines.a, engines.b];
    const address = async (change: 'add' | 'del', which: (engine: OwnEngine) => readonly string[]) => {
      for (const engine of both)
        await execa('ip', ['-n', engine.namespace, 'address', change, ...which(engine), 'dev', engine.port]);
    };
    const own4 = ({ ip }: OwnEngine) => [`${ip}/24`];
    const own6 = ({ host }: OwnEngine) => [`${SUBNET6}::${host}/64`];
    await engines.leaveSwarm();
    await address('add', (engine) => [...own6(engine), 'nodad']);
    await address('del', own4);
    const mend = await breakIt(engines);
    return async () => {
      await mend();
      await address('del', own6);
      await address('add', own4);
      await engines.joinSwarm();
    };
  },
});

export const breakages: readonly Breakage[] = [
  blocked('b', 'INPUT -p udp --dport 4789 -j DROP', '4789/udp', ['what a sends comes to b', 'firewall of b']),
  blocked('a', 'INPUT -p tcp --dport 2377 -j REJECT', '2377/tcp', [
    'what b sends comes to a',
    'firewall of a',
  ]),
  blocked('a', 'OUTPUT -p udp --dport 7946 -j DROP', '7946/udp', ['the firewall of a lets nothing out to b']),
  blocked('b', 'OUTPUT -p tcp --sport 7946 -j DROP', '7946/tcp', [
    'what a sends comes to b',
    'no answer comes back',
  ]),
  over6(
    blocked(
      'b',
      'INPUT -p udp --dport 4789 -j DROP',
      '4789/udp',
      ['what a sends comes to b', 'firewall of b'],
      'ip6tables',
    ),
  ),
  small('a', 1400),
  small('b', 1320),
];
