/** The rules of OUTPUT on the test server, as `iptables-save` prints them. */

export interface OutputRule {
  /** Protocol, or undefined when it is for every one. */
  readonly protocol: string | undefined;
  readonly sourcePort: string | undefined;
  readonly target: string | undefined;
  /** NFQUEUE only. */
  readonly queue: number;
  readonly bypass: boolean;
  /** As it was printed. */
  readonly text: string;
}

export function outputRulesIn(saved: string): OutputRule[] {
  return [...saved.matchAll(/^(?:\[\d+:\d+\] )?-A OUTPUT (.*)$/gm)].map(([, text]) => {
    const value = (option: string): string | undefined =>
      new RegExp(`(?:^| )${option} (\\S+)`).exec(text!)?.[1];
    return {
      protocol: value('-p'),
      sourcePort: value('--sport') ?? value('--source-port'),
      target: value('-j'),
      queue: Number(value('--queue-num') ?? 0),
      bypass: /(?:^| )--queue-bypass(?: |$)/.test(text!),
      text: text!,
    };
  });
}

/** Numbers of the queues that somebody has bound, from `/proc/net/netfilter/nfnetlink_queue`. */
export function boundQueuesIn(text: string): number[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => Number(line.trim().split(/\s+/)[0]));
}

/** What became of the guard for one port. */
export type GuardRule =
  | { readonly kind: 'present'; readonly rule: OutputRule; readonly behind: OutputRule | undefined }
  | { readonly kind: 'wrong-port'; readonly rule: OutputRule }
  | { readonly kind: 'missing' };

export function guardRuleFor(rules: readonly OutputRule[], port: number): GuardRule {
  const queues = rules.filter(({ target, protocol }) => target === 'NFQUEUE' && protocol !== 'udp');
  const rule = queues.find(({ sourcePort }) => sourcePort === String(port) || sourcePort === undefined);
  if (!rule) return queues[0] ? { kind: 'wrong-port', rule: queues[0] } : { kind: 'missing' };
  const behind = rules
    .slice(0, rules.indexOf(rule))
    .find(
      ({ target, protocol, sourcePort }) =>
        target === 'ACCEPT' &&
        (protocol === undefined || protocol === 'tcp') &&
        (sourcePort === undefined || sourcePort === String(port)),
    );
  return { kind: 'present', rule, behind };
}
