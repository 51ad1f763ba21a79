/** What the intercepts say, to a tcpcopy that asks each of them. */
import { fateOf } from '../firewall/fate';
import { requestsTo } from '../firewall/flow';
import { WAY_OUT } from '../firewall/walk';
import { ok, wrong, type Check, type Finding } from './diagnosis';
import type { ControlAnswer, TcpcopyFacts } from './facts';
import { iptablesOf } from '../firewall/tools';
import { endpointText, familyOfText, readEndpoint } from './families';

const control: Check<TcpcopyFacts> = {
  id: 'control',
  find: (facts) => facts.control.map((answer) => findingOn(facts, answer)),
};

function findingOn(facts: TcpcopyFacts, { intercept, armed, welcomed, reason }: ControlAnswer): Finding {
  if (armed) return ok(`intercept at ${intercept} is armed`);
  const servers = facts.transfers.map(({ testAddress, testPort }) => endpointText(testAddress, testPort));
  const copied = [...new Set(servers)].join(',');
  if (welcomed)
    return wrong(
      'intercept-not-armed',
      `intercept at ${intercept} is not armed: ${reason}`,
      `mend what it says there (intercept doctor --copied ${copied} names it); tcpcopy then begins by itself`,
    );
  if (/version/.test(reason))
    return wrong(
      'control-other-version',
      `intercept at ${intercept} and this tcpcopy do not understand each other: ${reason}`,
      'install the same release on both machines',
    );
  if (/may not copy to/.test(reason))
    return wrong(
      'control-not-admitted',
      `intercept at ${intercept} guards another test server: ${reason}`,
      'run intercept on the test server itself (see -x and -s here); where it runs elsewhere on purpose, name the test server in its --guarded',
    );
  if (NOT_ADMITTED.test(reason))
    return wrong(
      'control-not-admitted',
      `intercept at ${intercept} and this tcpcopy do not speak to each other: ${reason}`,
      'give both programs --key-file with the same key (tcpcopy keygen makes one), or name this machine in --peers of intercept, or on its -x; its log says which',
    );
  const blocked = ownRule(facts, intercept);
  if (blocked) return blocked;
  if (/ECONNREFUSED|refused/.test(reason))
    return wrong(
      'control-refused',
      `nothing takes connections at ${intercept}: ${reason}`,
      'start intercept there (or is it bound to another address: its -b and -p?), or name where it runs with -s and -p',
    );
  return wrong(
    'control-silent',
    `no intercept answers at ${intercept}: ${reason}`,
    `open TCP port ${readEndpoint(intercept).port} from this machine to there: a firewall between them, or INPUT there, drops it`,
  );
}

/** As both ends say it (src/control). */
const NOT_ADMITTED = /key|may not speak|it means the intercept/;

/** A rule of this machine that keeps the connection from leaving. */
function ownRule({ machine: { rules } }: TcpcopyFacts, intercept: string): Finding | undefined {
  const { address, port } = readEndpoint(intercept);
  const family = familyOfText(address);
  const set = rules[family];
  if (!set) return undefined;
  const fate = fateOf(set, WAY_OUT, requestsTo([address], port, []));
  if (fate.kind !== 'dropped') return undefined;
  const by = 'text' in fate.by ? `${fate.by.chain} ${fate.by.text}` : `the policy of ${fate.by.chain}`;
  return wrong(
    'control-port-blocked',
    `this machine drops its own connections to ${intercept}: ${by}`,
    `${iptablesOf(family)} -I OUTPUT -d ${address} -p tcp --dport ${port} -j ACCEPT`,
  );
}

const passed: Check<TcpcopyFacts> = {
  id: 'passlist',
  find({ control: answers, clients }) {
    const passlist = new Set(answers.flatMap(({ passlist: addresses }) => addresses));
    const peers = [...new Set((clients ?? []).map(({ peer }) => peer))];
    const affected = peers.filter((peer) => passlist.has(peer));
    if (affected.length === 0) return [];
    return [
      wrong(
        'clients-on-passlist',
        `${affected.slice(0, 3).join(', ')} ${affected.length === 1 ? 'is' : 'are'} on the passlist of intercept: what these clients say is not copied`,
        "take them off intercept's -x, unless they use the test server themselves",
      ),
    ];
  },
};

export const controlChecks: readonly Check<TcpcopyFacts>[] = [control, passed];
