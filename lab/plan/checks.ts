/** The questions that plans ask of nodes. Each is a command that a person can type as well. */
import type { Check } from './step';

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

export function runs(node: string, program: 'tcpcopy' | 'intercept'): Check {
  return {
    holds: `${program} runs on ${node}`,
    node,
    argv: ['pgrep', '-f', programPattern(program)],
    expect: { exitCode: 0 },
    within_ms,
  };
}

export function hasEnded(node: string, program: 'tcpcopy' | 'intercept'): Check {
  return {
    holds: `${program} on ${node} has ended`,
    node,
    argv: ['pgrep', '-f', programPattern(program)],
    expect: { exitCode: 1 },
    within_ms,
  };
}

/** The rule that hands the copied port's responses to the queue stands first, so that nothing gets past it. */
export function ruleIsFirst(node: string, port: number): Check {
  return {
    holds: `the rule is the first of OUTPUT on ${node}`,
    node,
    argv: ['iptables', '-L', 'OUTPUT', '-n', '--line-numbers'],
    expect: { stdout: `^1\\s+NFQUEUE\\s.*tcp spt:${port} NFQUEUE num 0\\s*$` },
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

/** tcpcopy's control connection stands. */
export function isConnected(node: string, port: number): Check {
  return {
    holds: `tcpcopy on ${node} is connected to port ${port}`,
    node,
    argv: ['ss', '-tnH', 'state', 'established', `dport = :${port}`],
    expect: { stdout: `:${port}\\s*$` },
    within_ms,
  };
}
