import { describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { causesIn } from '../../lab/doctor/examine-lab';
import type { Examination, RunningLab } from '../../lab/library';
import { planFor } from '../../lab/plan/plan';
import { CAUSES_OF_BUSYNESS } from '../../src/doctor/causes';
import type { Report } from '../../src/doctor/report';
import dataLink from '../../topologies/data-link';
import dualStack from '../../topologies/dual-stack';
import traditional from '../../topologies/traditional';
import { drawnFrom } from '../stage/drawn';
import { eventually } from '../stage/eventually';
import { inNetworkNamespace } from '../stage/in-network-namespace';
import { isPrinted } from '../docs/printed';
import { readPage } from '../docs/readme-commands';
import { sharedLab } from '../stage/shared-lab';
import { shell } from '../stage/verify-support';

const RULE = 'OUTPUT -p tcp --sport 8080 -j NFQUEUE';
const program = join(import.meta.dirname, '../../bin/lab');

const addressOf = (lab: RunningLab, node: string): string => lab.topology.nodes[node]!.address;

/** Starts a program as the plan does. */
async function start(lab: RunningLab, step: string): Promise<void> {
  const { action } = planFor(lab.topology).steps.find(({ id }) => id === step)!;
  if (action.kind !== 'command') throw new Error(`${step} is no command`);
  const { exitCode, stderr } = await lab.node(action.node).exec(action.argv);
  if (exitCode !== 0) throw new Error(`${action.argv.join(' ')}: ${stderr.toString()}`);
}

async function kill(lab: RunningLab, node: string, name: string): Promise<void> {
  await lab.node(node).exec(['pkill', '-KILL', '-x', name]);
  await eventually(async () => (await lab.node(node).exec(['pgrep', '-x', name])).exitCode !== 0);
}

/** What a doctor says with options of one's own. */
async function ask(lab: RunningLab, node: string, ...argv: string[]): Promise<Report> {
  const { exitCode, stdout, stderr } = await lab.node(node).exec([...argv, '--json']);
  if (exitCode > 1) throw new Error(stderr.toString());
  return JSON.parse(stdout.toString()) as Report;
}

const wrongIn = ({ diagnoses }: Report): string[] =>
  diagnoses.flatMap((one) => (one.verdict === 'wrong' ? [one.cause] : []));

interface Breakage {
  /** With its node. */
  readonly cause: string;
  readonly break: (lab: RunningLab) => Promise<unknown>;
  readonly mend: (lab: RunningLab) => Promise<unknown>;
}

/** One line of shell each way. */
const byShell = (cause: string, node: string, breaks: string, mends: string): Breakage => ({
  cause,
  break: (lab) => shell(lab.node(node), within(lab, breaks)),
  mend: (lab) => shell(lab.node(node), within(lab, mends)),
});

/** `<client>` stands for its address. */
const within = (lab: RunningLab, line: string): string =>
  line.replace(/<([a-z]+)>/g, (_, node: string) => addressOf(lab, node));

const replaced = (cause: string, rule: string): Breakage =>
  byShell(
    cause,
    'test',
    `iptables -I ${rule} && iptables -D ${RULE}`,
    `iptables -I ${RULE} && iptables -D ${rule}`,
  );

const added = (cause: string, node: string, rule: string): Breakage =>
  byShell(cause, node, `iptables -I ${rule}`, `iptables -D ${rule}`);

/** In the firewall of this machine, for the lab's bridge only. */
function onHost(cause: string, rule: string): Breakage {
  const iptables = (option: string) => (lab: RunningLab) =>
    execa('iptables', ['-w', option, ...rule.replaceAll('<bridge>', lab.bridge('lan')).split(' ')]);
  return { cause, break: iptables('-I'), mend: iptables('-D') };
}

const reversePathFilter = (lab: RunningLab, value: 0 | 1): Promise<void> =>
  inNetworkNamespace(lab, 'test', ['sysctl', '-qw', `net.ipv4.conf.eth0.rp_filter=${value}`]);

const causeOf = ({ cause }: Breakage): string => cause;

const LISTEN = "require('node:net').createServer().listen(36524)";

const END_NGINX = 'pkill -x nginx; while pgrep -x nginx >/dev/null; do sleep 0.05; done';

const traditionalBreakages: readonly Breakage[] = [
  byShell('test: guard-rule-missing', 'test', `iptables -D ${RULE}`, `iptables -I ${RULE}`),
  replaced('test: guard-rule-wrong-port', RULE.replace('8080', '8081')),
  replaced('test: guard-rule-wrong-chain', RULE.replace('OUTPUT', 'INPUT')),
  replaced('test: guard-rule-partial', RULE.replace('-j', '-d <client> -j')),
  replaced('test: guard-bypass', `${RULE} --queue-bypass`),
  replaced('test: guard-other-queue', `${RULE} --queue-num 5`),
  added('test: guard-rule-shadowed', 'test', 'OUTPUT -p tcp -m state --state ESTABLISHED -j ACCEPT'),
  added('test: input-dropped', 'test', 'INPUT -p tcp --dport 8080 -j DROP'),
  added('test: control-port-blocked', 'test', 'INPUT -p tcp --dport 36524 -j DROP'),
  added('online: output-dropped', 'online', 'OUTPUT -p tcp --dport 8080 -j REJECT'),
  added('online: control-port-blocked', 'online', 'OUTPUT -p tcp --dport 36524 -j DROP'),
  onHost(
    'test: bridge-drops-packets',
    'FORWARD -i <bridge> -o <bridge> -m conntrack --ctstate INVALID -j DROP',
  ),
  byShell('test: application-not-listening', 'test', END_NGINX, 'serve-nginx 8080'),
  byShell('online: online-port-closed', 'online', END_NGINX, 'serve-nginx 80'),
  byShell(
    'test: no-route-back',
    'test',
    'ip route add blackhole <client>',
    'ip route del blackhole <client>',
  ),
  byShell(
    'online: test-server-unreachable',
    'online',
    'ip route add unreachable <test>',
    'ip route del unreachable <test>',
  ),
  byShell('online: device-down', 'online', 'ip link set eth0 down', 'ip link set eth0 up'),
  {
    cause: 'test: reverse-path-filter',
    break: async (lab) => {
      await shell(lab.node('test'), within(lab, 'ip route add <client> dev lo'));
      await reversePathFilter(lab, 1);
    },
    mend: async (lab) => {
      await reversePathFilter(lab, 0);
      await shell(lab.node('test'), within(lab, 'ip route del <client> dev lo'));
    },
  },
  {
    cause: 'online: control-refused',
    break: (lab) => kill(lab, 'test', 'intercept'),
    mend: (lab) => start(lab, 'intercept:test'),
  },
  {
    cause: 'test: control-port-taken',
    break: async (lab) => {
      await kill(lab, 'test', 'intercept');
      await lab.node('test').start(['/opt/tcpcopy-lab/bin/node', '-e', LISTEN]);
      await shell(
        lab.node('test'),
        'for i in $(seq 300); do ss -ltnH sport = :36524 | grep -q . && exit 0; sleep 0.1; done; exit 1',
      );
    },
    mend: async (lab) => {
      await lab.node('test').exec(['pkill', '-f', 'createServer']);
      await start(lab, 'intercept:test');
    },
  },
  {
    cause: 'test: tcpcopy-not-running',
    break: (lab) => kill(lab, 'online', 'tcpcopy'),
    mend: (lab) => start(lab, 'tcpcopy:online'),
  },
];

describe('a traditional lab', () => {
  const lab = sharedLab(traditional, 'e2e-doctor');
  const healthy = async (): Promise<void> => {
    let last: string[] = [];
    try {
      await eventually(async () => (last = causesIn(await lab().examine())).length === 0, 30_000);
    } catch (error) {
      throw new Error(`still wrong: ${last.join(', ')}`, { cause: error });
    }
  };

  test('that is healthy is called that, with status 0', async () => {
    await healthy();
    const { exitCode, stdout } = await execa(program, ['doctor', '--name', 'e2e-doctor', '--json'], {
      reject: false,
    });
    expect(exitCode).toBe(0);
    const { verdict, nodes } = JSON.parse(stdout) as Examination;
    expect(verdict).toBe('healthy');
    expect(nodes.map(({ node, doctor }) => `${doctor} on ${node}`)).toEqual([
      'lab on test',
      'intercept on test',
      'tcpcopy on online',
    ]);
    expect(nodes.every(({ diagnoses }) => diagnoses.some((one) => one.verdict === 'ok'))).toBe(true);
  });

  test.each(drawnFrom(traditionalBreakages, 2, causeOf))('that is broken: $cause', async (breakage) => {
    await breakage.break(lab());
    try {
      expect(causesIn(await lab().examine())).toContain(breakage.cause);
    } finally {
      await breakage.mend(lab());
    }
  });

  test('with a rule before the guard has intercept doctor say what docs/doctor.md shows', async () => {
    const page = readPage(readFileSync(join(import.meta.dirname, '../../docs/doctor.md'), 'utf8'));
    const { shown, command } = page.outputs[0]!;
    const here = command!
      .replace('198.18.10.20', addressOf(lab(), 'online'))
      .replace('198.18.10.30', addressOf(lab(), 'test'));
    await shell(lab().node('test'), 'iptables -I OUTPUT -p tcp -j ACCEPT');
    try {
      const printed = (await lab().node('test').exec(here.split(' '))).stdout.toString();
      if (!isPrinted(shown, printed)) throw new Error(`docs/doctor.md shows otherwise:\n${printed}`);
    } finally {
      await shell(lab().node('test'), 'iptables -D OUTPUT -p tcp -j ACCEPT');
    }
  });

  test('that was mended is healthy again', healthy);

  test('whose clients are busy has them seen; on another device it says which, and TLS is recognised', async () => {
    const transfer = within(lab(), '80-<test>:8080');
    // The load, and other tests beside it, may leave too little of this machine.
    const faultsIn = (report: Report): string[] =>
      wrongIn(report).filter((cause) => !CAUSES_OF_BUSYNESS.has(cause));
    const busy = async (url: string, ...argv: string[]): Promise<Report> => {
      const client = await lab()
        .node('client')
        .start(['sh', '-c', `while :; do curl -sk ${url} >/dev/null; done`]);
      try {
        return await ask(lab(), 'online', 'tcpcopy', 'doctor', '-x', transfer, ...argv);
      } finally {
        await client.stop();
      }
    };
    const plain = await busy('http://online/');
    expect(faultsIn(plain)).toEqual([]);
    expect(plain.diagnoses).toContainEqual({
      check: 'traffic',
      verdict: 'ok',
      evidence: expect.stringMatching(/^\d+ packets of clients/),
    });
    expect(faultsIn(await busy('http://online/', '-i', 'lo'))).toEqual(['captured-elsewhere']);
    expect(faultsIn(await busy('https://online:80/'))).toEqual(['clients-use-tls']);
  });

  test('has wrong options of tcpcopy named', async () => {
    const own = addressOf(lab(), 'online');
    const elsewhere = within(lab(), '<client>:80-<test>:8080');
    const options = ['-x', elsewhere, '-M', '9000', '-S', '1500', '-i', 'eth7', '-c', own];
    expect(wrongIn(await ask(lab(), 'online', 'tcpcopy', 'doctor', ...options))).toEqual([
      'online-address-not-local',
      'capture-device-missing',
      'packets-cut',
      'mtu-too-large',
      'own-copies-missing',
    ]);
    const bound = ['-x', own, '-b', own, '--copied', '8080', '--client', own];
    expect(wrongIn(await ask(lab(), 'test', 'intercept', 'doctor', ...bound))).toEqual([
      'clients-on-passlist',
      'bind-address-not-local',
    ]);
    const wrong = await lab().node('test').exec(['intercept', 'doctor', '--copied', 'x']);
    expect([wrong.exitCode, wrong.stderr.toString()]).toEqual([2, expect.stringContaining('--copied takes')]);
  });
});

/** Labs that are made otherwise. */
const others = drawnFrom(['a lab of both families', 'a data-link lab'] as const, 1);

(others.includes('a lab of both families') ? describe : describe.skip)('a lab of both families', () => {
  const lab = sharedLab(dualStack, 'e2e-doctor-both');
  const breakages: readonly Breakage[] = [
    byShell('test: guard-rule-missing', 'test', `ip6tables -D ${RULE}`, `ip6tables -I ${RULE}`),
    byShell(
      'test: no-route-to-canary',
      'test',
      'ip -6 route del 100::/64 dev lo',
      'ip -6 route add 100::/64 dev lo',
    ),
  ];

  test('that is healthy is called that', async () => {
    await eventually(async () => causesIn(await lab().examine()).length === 0, 30_000);
  });

  test.each(breakages)('that is broken for IPv6 alone: $cause', async (breakage) => {
    await breakage.break(lab());
    try {
      const { nodes } = await lab().examine();
      const ofTest = nodes.find(({ doctor }) => doctor === 'intercept')!;
      expect(wrongIn(ofTest).map((cause) => `test: ${cause}`)).toEqual([breakage.cause]);
    } finally {
      await breakage.mend(lab());
    }
  });
});

(others.includes('a data-link lab') ? describe : describe.skip)('a data-link lab', () => {
  const lab = sharedLab(dataLink, 'e2e-doctor-link');
  const { sources } = dataLink.copies[0]!.routes![0]!;
  /** The range, as it is in this lab's own network. */
  const rangeIn = (one: RunningLab): string => one.topology.copies[0]!.routes![0]!.sources;
  const forward = (one: RunningLab, value: 0 | 1): Promise<void> =>
    inNetworkNamespace(one, 'assistant', ['sysctl', '-qw', `net.ipv4.ip_forward=${value}`]);
  const route = (one: RunningLab, line: string): Promise<void> =>
    shell(one.node('test'), within(one, line.replaceAll('<range>', rangeIn(one))));

  test('that is healthy is called that', async () => {
    expect(sources).toBeDefined();
    await eventually(async () => causesIn(await lab().examine()).length === 0);
  });

  const breakages: readonly Breakage[] = [
    {
      cause: 'assistant: assistant-forwards',
      break: (one) => forward(one, 1),
      mend: (one) => forward(one, 0),
    },
    {
      cause: 'test: route-missing',
      break: (one) => route(one, 'ip route del <range> via <assistant>'),
      mend: (one) => route(one, 'ip route add <range> via <assistant>'),
    },
    {
      cause: 'test: black-hole-missing',
      break: (one) => route(one, 'ip route del blackhole <range> metric 4096'),
      mend: (one) => route(one, 'ip route add blackhole <range> metric 4096'),
    },
    {
      cause: 'assistant: filter-never-matches',
      break: async (one) => {
        await kill(one, 'assistant', 'intercept');
        await shell(one.node('assistant'), "intercept -i eth0 -F 'tcp and src port 8081' -d");
      },
      mend: async (one) => {
        await kill(one, 'assistant', 'intercept');
        await start(one, 'intercept:assistant');
      },
    },
  ];
  test.each(drawnFrom(breakages, 1, causeOf))('that is broken: $cause', async (breakage) => {
    await breakage.break(lab());
    try {
      expect(causesIn(await lab().examine())).toContain(breakage.cause);
    } finally {
      await breakage.mend(lab());
    }
  });

  test('has an intercept in the wrong place, and a filter that is none, named', async () => {
    const onTest = ['intercept', 'doctor', '-F', 'tcp and src port 8080'];
    expect(wrongIn(await ask(lab(), 'test', ...onTest))).toEqual(['intercept-on-test-server']);
    const invalid = ['intercept', 'doctor', '-i', 'eth9', '-F', 'tcp and port', '--copied', '8080'];
    expect(wrongIn(await ask(lab(), 'assistant', ...invalid))).toEqual([
      'capture-device-missing',
      'filter-invalid',
    ]);
  });
});
