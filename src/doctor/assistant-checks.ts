/** On an assistant: whether it lets nothing on, and whether the responses that are routed to it are captured. */
import { type Family, FAMILIES } from '../wire/address/address';
import { counted, ok, unknown, wrong, type Check, type Finding } from './diagnosis';
import type { CopiedPort, InterceptFacts } from './facts';
import { over } from './families';

type Captured = Extract<InterceptFacts['caught'], { by: 'capture' }>;

const onAssistant = (
  id: string,
  find: (caught: Captured, facts: InterceptFacts) => readonly Finding[],
): Check<InterceptFacts> => ({
  id,
  find: (facts) => (facts.caught.by === 'capture' ? find(facts.caught, facts) : []),
});

const place = onAssistant('place', (_, { machine: { listeners }, copied }) =>
  [...new Set(copied.map(({ port }) => port))].flatMap((port) => {
    const listener = listeners?.find((one) => one.port === port);
    return listener
      ? [
          wrong(
            'intercept-on-test-server',
            `${listener.process ?? 'somebody'} listens on port ${port} here: this is the test server itself, whose responses go out and never come in`,
            'run intercept without -i and -F here (a queue catches them), or on an assistant that they are routed to',
          ),
        ]
      : [];
  }),
);

const forwarding = onAssistant('forwarding', ({ forwarding: settings }, { copied }) => {
  if (!settings) return [unknown('the kernel does not tell whether packets are let on')];
  const open = FAMILIES.filter((family) => settings[family].length > 0);
  if (open.length === 0) return [ok('this machine lets no packets on')];
  return open.map((family) => {
    const evidence = `this machine lets packets${over(family)} on (not 0: ${settings[family].join(', ')})`;
    const mend = `sysctl -w ${mendOf(family, settings[family])}`;
    // Without ports nothing is known of what is copied.
    return copied.length === 0 || copied.some((one) => one.family === family)
      ? wrong('assistant-forwards', evidence, mend)
      : unknown(`${evidence}; nothing is known to be copied so`, mend);
  });
});

/** IPv4's setting for the machine sets that of each device; IPv6's `force_forwarding` stands alone. */
const mendOf = (family: Family, settings: readonly string[]): string =>
  family === 4 ? 'net.ipv4.ip_forward=0' : settings.map((setting) => `${setting}=0`).join(' ');

const device = onAssistant('capture-device', ({ devices }, { machine }) =>
  (devices ?? []).map((name) => {
    const found = machine.devices.find((one) => one.name === name);
    if (!found)
      return wrong(
        'capture-device-missing',
        `there is no device ${name}; there are ${machine.devices.map((one) => one.name).join(', ')}`,
        'name the device with -i by which the test server’s responses come in',
      );
    if (!found.up) return wrong('device-down', `${name} is down`, `ip link set ${name} up`);
    return ok(`${name} is up`);
  }),
);

/** Words of pcap-filter(7) by which a filter asks for more than ports. */
const NAMES_HOSTS = /\b(host|net|ether|vlan)\b/;

const filter = onAssistant('filter', (caught, { copied }) => {
  if (caught.filterFault !== undefined)
    return [
      wrong(
        'filter-invalid',
        caught.filterFault,
        `intercept -F 'tcp and src port ${copied[0]?.port ?? '<copied port>'}'`,
      ),
    ];
  return copied.map(({ port, family }) => {
    const responses = `responses of port ${port}${over(family)}`;
    if (isAmong(caught.matched, { port, family }))
      return ok(`the filter lets ${responses} through: ${caught.filter}`);
    return NAMES_HOSTS.test(caught.filter)
      ? unknown(`whether the filter lets ${responses} through depends on addresses: ${caught.filter}`)
      : wrong(
          'filter-never-matches',
          `the filter lets no response of port ${port}${over(family)} through: ${caught.filter}`,
          `intercept -F 'tcp and src port ${port}'`,
        );
  });
});

const isAmong = (list: readonly CopiedPort[], { port, family }: CopiedPort): boolean =>
  list.some((one) => one.port === port && one.family === family);

const responses = onAssistant('responses', ({ packets, watched_ms }) => {
  if (packets === undefined) return [unknown('packets could not be watched')];
  const evidence = `${counted(packets, 'response')} came in within ${(watched_ms / 1000).toFixed(1)} s`;
  if (packets > 0) return [ok(evidence)];
  return [
    unknown(
      evidence,
      'while clients are busy there must be some: on the test server, ip route get <client> must name this machine',
    ),
  ];
});

export const assistantChecks: readonly Check<InterceptFacts>[] = [
  place,
  forwarding,
  device,
  filter,
  responses,
];
