/** The questions that plans ask of nodes. Each is a command that a person can type as well. */
import type { Family } from '../topology/addresses';
import { familyOfText, ipOf, iptablesOf } from './families';
import { ownProcesses } from './machines';
import type { Check } from './step';
import type { TopologyNode } from '../topology/types';

export type NamedNode = TopologyNode & { readonly name: string };

const within_ms = 10_000;

/** A server listens on the TCP port. */
export function listens(node: string, port: number): Check {
  return {
    holds: `${node} listens on port ${port}`,
    node,
    argv: ['ss', '-ltnH', `sport = :${port}`],
    expect: { stdout: 'LISTEN' },
    within_ms,
  };
}

/** `pgrep -f` pattern for one of the copy system's programs, ours or another build of it. */
export function programPattern(program: 'tcpcopy' | 'intercept'): string {
  return `(^|/)${program}(\\.mjs)?( |$)`;
}

export function runs(node: NamedNode, program: 'tcpcopy' | 'intercept'): Check {
  return {
    holds: `${program} runs on ${node.name}`,
    node: node.name,
    argv: ['pgrep', ...ownProcesses(node), '-f', programPattern(program)],
    expect: { exitCode: 0 },
    within_ms,
  };
}

export function hasEnded(node: NamedNode, program: 'tcpcopy' | 'intercept'): Check {
  return {
    holds: `${program} on ${node.name} has ended`,
    node: node.name,
    argv: ['pgrep', ...ownProcesses(node), '-f', programPattern(program)],
    expect: { exitCode: 1 },
    within_ms,
  };
}

/**
 * The rule that hands the copied port's responses to the queue stands first, so that nothing gets past it.
 *
 * @param queues how many, from 0 on, share them; undefined where that is not known
 */
export function ruleIsFirst(node: string, port: number, family: Family, queues: number | undefined): Check {
  const shared = `balance 0:${queues === undefined ? '\\d+' : queues - 1}`;
  const led = queues === undefined ? `(num 0|${shared})` : queues === 1 ? 'num 0' : shared;
  return {
    holds: `the rule is the first of OUTPUT on ${node}${family === 6 ? ', IPv6' : ''}`,
    node,
    argv: [iptablesOf(family), '-L', 'OUTPUT', '-n', '--line-numbers'],
    expect: { stdout: `^1\\s+NFQUEUE\\s.*tcp spt:${port} (/\\* .* \\*/ )?NFQUEUE ${led}\\s*$` },
    within_ms,
  };
}

/** Somebody has bound the queue; without a listener the kernel drops what comes to it. */
export function queueIsBound(node: string, queue: number): Check {
  return {
    holds: `queue ${queue} is bound on ${node}`,
    node,
    argv: ['cat', '/proc/net/netfilter/nfnetlink_queue'],
    expect: { stdout: `^\\s*${queue}\\s` },
    within_ms,
  };
}

/** tcpcopy's control connections stand: one to each intercept. */
export function isConnected(node: string, port: number, intercepts: number): Check {
  const to = intercepts === 1 ? `port ${port}` : `port ${port} of ${intercepts} nodes`;
  return {
    holds: `tcpcopy on ${node} is connected to ${to}`,
    node,
    argv: ['ss', '-tnH', 'state', 'established', `dport = :${port}`],
    expect: { stdout: `(:${port}\\s*$[^]*){${intercepts}}` },
    within_ms,
  };
}

/** @param copied a filter of ss(8) for copied connections */
export function noCopiedConnection(node: string, copied: readonly string[]): Check {
  return {
    holds: `${node} has no copied connection any more`,
    node,
    argv: ['ss', '-tnH', 'state', 'connected', 'exclude', 'time-wait', ...copied],
    expect: { silent: true },
    within_ms: 5_000,
  };
}

/** Only what a route says is reached. */
export function hasNoWayOut(node: string): Check {
  return {
    holds: `${node} has no default route over IPv6 that leaves it`,
    node,
    argv: ['ip', '-6', 'route', 'show', 'default'],
    // Of all lines: it is looked from the first one on.
    expect: { stdout: '(?<![^])(?![^]* dev eth)' },
    within_ms,
  };
}

/** What is sent there ends on the node, and passes its rules on the way. */
export function endsOn(node: string, range: string): Check {
  return {
    holds: `${node} sends what is for ${range} to nobody`,
    node,
    argv: ['ip', 'route', 'get', range.replace(/\/.*/, '1')],
    expect: { stdout: ' dev lo ' },
    within_ms,
  };
}

/** Packets to the range go to the gateway. */
export function routesBy(node: string, range: string, gateway: string): Check {
  return {
    holds: `${node} sends what is for ${range} to ${gateway}`,
    node,
    argv: ['ip', 'route', 'get', range.replace(/\/.*/, '')],
    expect: { stdout: ` via ${escaped(gateway)} ` },
    within_ms,
  };
}

/** Without the route to the assistant, packets to the range are dropped; no ARP request asks for a client. */
export function hasBlackHole(node: string, range: string): Check {
  return {
    holds: `${node} has no other way to ${range}`,
    node,
    argv: [...ipOf(familyOfText(range)), 'route', 'show', 'type', 'blackhole'],
    expect: { stdout: `^blackhole ${escaped(range.replace(/\/(32|128)$/, ''))} ` },
    within_ms,
  };
}

/** A redirect would show the test server the way past the assistant. */
export function ignoresRedirects(node: string, family: Family): Check {
  const redirect = family === 4 ? ' icmptype 5' : ' ipv6-icmptype 137';
  return {
    holds: `${node} drops every ICMP${family === 6 ? 'v6' : ''} redirect`,
    node,
    argv: [iptablesOf(family), '-L', 'INPUT', '-n', '--line-numbers'],
    expect: { stdout: `^1\\s+DROP\\s.*${redirect}\\s*$` },
    within_ms,
  };
}

/** The assistant neither forwards nor tells another way. */
export function letsNothingOn(node: string, families: readonly Family[], device: string): Check {
  const settings = [
    ...[
      'ip_forward',
      `conf.${device}.forwarding`,
      'conf.all.send_redirects',
      `conf.${device}.send_redirects`,
    ].map((setting) => `net.ipv4.${setting}`),
    ...(families.includes(6) ? ['net.ipv6.conf.all.forwarding', `net.ipv6.conf.${device}.forwarding`] : []),
  ];
  return {
    holds: `${node} forwards nothing and sends no ICMP redirect`,
    node,
    argv: ['sysctl', '-n', ...settings],
    expect: { stdout: `^${settings.map(() => '0').join('\\n')}$` },
    within_ms,
  };
}

const escaped = (text: string): string => text.replaceAll('.', '\\.');
