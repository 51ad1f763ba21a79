/** Why the test server may not answer, or its responses not be heard. */
import { fateOf } from '../firewall/fate';
import { ANYBODY, requestsTo } from '../firewall/flow';
import { WAY_IN } from '../firewall/walk';
import type { Family } from '../wire/address/address';
import { assistantChecks } from './assistant-checks';
import { ok, unknown, wrong, type Check, type Finding } from './diagnosis';
import type { ClientProbe, InterceptFacts, Listener } from './facts';
import { iptablesOf } from '../firewall/tools';
import { endpointText, familyOfText, ipOf, ofFamily, over } from './families';
import { guardChecks } from './guard-checks';
import { conntrack, fateFinding, privileges, rulesReadable, running } from './machine-checks';

/** Questions of the test server itself. */
const onTestServer = (check: Check<InterceptFacts>): Check<InterceptFacts> => ({
  ...check,
  find: (facts) => (facts.caught.by === 'queue' ? check.find(facts) : []),
});

const application: Check<InterceptFacts> = {
  id: 'application',
  find({ machine: { listeners }, copied, portsNamed, controlPort }) {
    return copied.map(({ port, family }) => {
      if (!listeners) return unknown(`ss is not installed: who listens on port ${port} cannot be told`);
      const ofItsFamily = listeners.filter(({ address }) => familyOfText(address) === family);
      const listener = ofItsFamily.find((one) => one.port === port);
      if (listener) return ok(`${listener.process ?? 'somebody'} listens on port ${port}${over(family)}`);
      const others = [...new Set(ofItsFamily.map((one) => one.port))].filter(
        (other) => other !== controlPort,
      );
      return wrong(
        'application-not-listening',
        `nobody listens on port ${port}${over(family)}${portsNamed ? '' : ', which the rule is for'}; there are listeners on ${others.join(', ') || 'no port'}`,
        'start the application, or make the rule for the port that it listens on',
      );
    });
  },
};

const input: Check<InterceptFacts> = {
  id: 'input',
  find: ({ machine, copied }) =>
    copied.flatMap(({ port, family }) => {
      const rules = machine.rules[family];
      if (!rules) return [];
      return [
        fateFinding(
          family,
          fateOf(rules, WAY_IN, comingIn(machine, port, family)),
          `requests to port ${port}${over(family)}`,
          'input-dropped',
          `${iptablesOf(family)} -I INPUT -p tcp --dport ${port} -j ACCEPT`,
        ),
      ];
    }),
};

function comingIn({ devices }: InterceptFacts['machine'], port: number, family: Family) {
  const outer = devices.filter(({ loopback }) => !loopback);
  return requestsTo(
    ofFamily(
      family,
      outer.flatMap(({ addresses }) => addresses),
    ),
    port,
    outer.map(({ name }) => name),
    ANYBODY,
  );
}

const wayBack: Check<InterceptFacts> = {
  id: 'way-back',
  find: ({ clients }) => clients.map(wayBackFinding),
};

function wayBackFinding({ client, stranger, back }: ClientProbe): Finding {
  const who = stranger ? `clients from anywhere (asked for ${client})` : client;
  if (back.kind !== 'nowhere') return ok(`there is a route to ${who}`);
  const evidence = `there is no route to ${who} (${back.reason}): the kernel makes no response that could be caught`;
  const mend = `${ipOf(familyOfText(client))} route replace default dev lo (responses end here, and the guard takes them before)`;
  return stranger ? unknown(evidence, mend) : wrong('no-route-back', evidence, mend);
}

const reversePath: Check<InterceptFacts> = {
  id: 'reverse-path-filter',
  find({ clients, machine: { devices }, reversePathDropped }) {
    const setting = (device: string): number =>
      devices.find(({ name }) => name === device)?.reversePathFilter ?? 0;
    const overIpv4 = clients.filter(({ client }) => familyOfText(client) === 4);
    return overIpv4.map(({ client, comesIn, device }) => {
      const is = `rp_filter of ${device} is ${setting(device)}`;
      const dropped =
        reversePathDropped === undefined ? '' : `, ${reversePathDropped} packets dropped by it so far`;
      if (comesIn === 'yes') return ok(`${is}, and lets ${client} in${dropped}`);
      if (comesIn === 'unknown')
        return unknown(`whether ${client} is let in cannot be asked here: ${is}${dropped}`);
      return wrong(
        'reverse-path-filter',
        `${is}, and drops what comes from ${client}, because the route back leads elsewhere${dropped}`,
        `sysctl -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.${device}.rp_filter=0`,
      );
    });
  },
};

const passlist: Check<InterceptFacts> = {
  id: 'passlist',
  find({ clients, passlist: addresses }) {
    const passed = clients.filter(({ client, stranger }) => !stranger && addresses.includes(client));
    return passed.map(({ client }) =>
      wrong(
        'clients-on-passlist',
        `${client} is on the passlist: responses to it are let through, and it is not copied`,
        `take ${client} off -x, unless it uses the test server itself`,
      ),
    );
  },
};

const control: Check<InterceptFacts> = {
  id: 'control-port',
  find(facts) {
    const { machine, bindAddress, controlPort, workers } = facts;
    const { devices, listeners } = machine;
    const own = devices.flatMap(({ addresses }) => addresses);
    if (bindAddress !== undefined && !ANY_ADDRESS.has(bindAddress) && !own.includes(bindAddress))
      return [
        wrong(
          'bind-address-not-local',
          `-b ${bindAddress} is no address of this machine (${own.join(', ')})`,
          'give -b one of these, or leave it out',
        ),
      ];
    const rules = controlFamilies(facts).flatMap((family) => {
      const set = machine.rules[family];
      return set ? [{ family, set }] : [];
    });
    const ports = Array.from({ length: workers }, (_, worker) => controlPort + worker);
    return ports.flatMap((port) => [
      listenerFinding({ ...facts, controlPort: port }, listeners),
      ...rules.map(({ family, set }) =>
        fateFinding(
          family,
          fateOf(set, WAY_IN, comingIn(machine, port, family)),
          `connections of tcpcopy to port ${port}${over(family)}`,
          'control-port-blocked',
          `${iptablesOf(family)} -I INPUT -s <online server> -p tcp --dport ${port} -j ACCEPT`,
        ),
      ),
    ]);
  },
};

const ANY_ADDRESS = new Set(['0.0.0.0', '::']);

/** By which tcpcopy connects: by those of the test servers, unless intercept listens on one address. */
function controlFamilies({ bindAddress, copied }: InterceptFacts): readonly Family[] {
  if (bindAddress !== undefined && bindAddress !== '::') return [familyOfText(bindAddress)];
  const families = new Set(copied.map(({ family }) => family));
  return families.size > 0 ? [...families] : [4];
}

function listenerFinding(facts: InterceptFacts, listeners: readonly Listener[] | undefined): Finding {
  const { bindAddress, controlPort, machine } = facts;
  if (!listeners) return unknown(`ss is not installed: who listens on port ${controlPort} cannot be told`);
  const holders = listeners.filter(({ port }) => port === controlPort);
  const [holder] = holders;
  if (!holder) return ok(`port ${controlPort} is free`);
  const isIntercept = machine.programs.some(({ name, pid }) => name === 'intercept' && pid === holder.pid);
  if (!isIntercept && holder.pid !== undefined)
    return wrong(
      'control-port-taken',
      `${holder.process ?? 'another program'} (process ${holder.pid}) listens on port ${controlPort}`,
      `intercept -p <another port>, and tcpcopy -p with the same`,
    );
  const families = controlFamilies(facts);
  const isHeard = ({ address }: Listener): boolean =>
    families.includes(familyOfText(address)) &&
    (ANY_ADDRESS.has(address) ||
      (bindAddress === undefined ? !isLoopbackText(address) : address === bindAddress));
  const where = endpointText(holder.address, controlPort);
  if (holders.some(isHeard)) return ok(`intercept listens on ${where}`);
  return wrong(
    'control-bound-elsewhere',
    `intercept listens on ${where}, where tcpcopy does not connect to`,
    `restart intercept with -b ${bindAddress ?? "<this machine's address>"}`,
  );
}

const isLoopbackText = (address: string): boolean => address.startsWith('127.') || address === '::1';

export const interceptChecks: readonly Check<InterceptFacts>[] = [
  privileges,
  rulesReadable,
  ...guardChecks,
  ...[application, input, wayBack, reversePath, passlist].map(onTestServer),
  ...assistantChecks,
  conntrack,
  control,
  running('intercept'),
];
