/** On an assistant: whether it lets nothing on, and whether the responses that are routed to it are captured. */
import { counted, ok, unknown, wrong, type Check, type Finding } from './diagnosis';
import type { InterceptFacts } from './facts';

type Captured = Extract<InterceptFacts['caught'], { by: 'capture' }>;

const onAssistant = (
  id: string,
  find: (caught: Captured, facts: InterceptFacts) => readonly Finding[],
): Check<InterceptFacts> => ({
  id,
  find: (facts) => (facts.caught.by === 'capture' ? find(facts.caught, facts) : []),
});

const place = onAssistant('place', (_, { machine: { listeners }, copiedPorts }) =>
  copiedPorts.flatMap((port) => {
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

const forwarding = onAssistant('forwarding', ({ forwarding: settings }) => {
  if (!settings) return [unknown('the kernel does not tell whether packets are let on')];
  if (settings.length === 0) return [ok('this machine lets no packets on')];
  return [
    wrong(
      'assistant-forwards',
      `this machine lets packets on (not 0: ${settings.join(', ')})`,
      'sysctl -w net.ipv4.ip_forward=0',
    ),
  ];
});

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

const filter = onAssistant('filter', (caught, { copiedPorts }) => {
  if (caught.filterFault !== undefined)
    return [
      wrong(
        'filter-invalid',
        caught.filterFault,
        `intercept -F 'tcp and src port ${copiedPorts[0] ?? '<copied port>'}'`,
      ),
    ];
  return copiedPorts.map((port) => {
    if (caught.matchedPorts.includes(port))
      return ok(`the filter lets responses of port ${port} through: ${caught.filter}`);
    return NAMES_HOSTS.test(caught.filter)
      ? unknown(
          `whether the filter lets responses of port ${port} through depends on addresses: ${caught.filter}`,
        )
      : wrong(
          'filter-never-matches',
          `the filter lets no response of port ${port} through: ${caught.filter}`,
          `intercept -F 'tcp and src port ${port}'`,
        );
  });
});

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
