/** What faults of one form are made of. */
import type { Action } from '../classroom/action';

/** The guard, as the plan of a traditional lab has it. */
export const RULE = 'OUTPUT -p tcp --sport 8080 -j NFQUEUE';

const COMMANDS = {
  intercept: 'intercept -x {online} -b {test} -d',
  tcpcopy: 'tcpcopy -x 80-{test}:8080 -s {online} -d',
} as const;

type Program = keyof typeof COMMANDS;
type Pair = {
  readonly breaks: readonly [Action, ...Action[]];
  readonly mends: readonly [Action, ...Action[]];
};

export const shell = (on: string, breaks: string, mends: string): Pair => ({
  breaks: [{ on, run: breaks }],
  mends: [{ on, run: mends }],
});

/** Another rule in the place of the guard. */
export const guardReplaced = (rule: string): Pair =>
  shell('test', `iptables -I ${rule} && iptables -D ${RULE}`, `iptables -D ${rule} && iptables -I ${RULE}`);

export const ruleAdded = (on: string, rule: string): Pair =>
  shell(on, `iptables -I ${rule}`, `iptables -D ${rule}`);

/** A program that ends in order, and is started again. */
export const restarted = (program: Program, line: string): string =>
  `pkill -TERM -x ${program}; while pgrep -x ${program} >/dev/null; do sleep 0.1; done; ${line}`;

/** A program of a traditional lab with other options. */
export const startedAs = (program: Program, line: string): Pair => {
  const on = program === 'tcpcopy' ? 'online' : 'test';
  return shell(on, restarted(program, line), restarted(program, COMMANDS[program]));
};
