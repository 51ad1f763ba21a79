/** The command lines of a copy, as the plans have them, and those that lessons use again and again. */

/** The guard of a traditional copy. */
export const RULE = 'OUTPUT -p tcp --sport 8080 -j NFQUEUE';
export const INTERCEPT = 'intercept -x {online} -b {test} -d';

/** @param options further ones */
export const tcpcopyWith = (options = ''): string =>
  `tcpcopy -x 80-{test}:8080 -s {online} ${options === '' ? '' : `${options} `}-d`;

/** Ends a program in order. */
export const stop = (program: string): string =>
  `pkill -TERM -x ${program}; while pgrep -x ${program} >/dev/null; do sleep 0.1; done`;

/** Records what comes in, until tcpdump is ended. */
export const recordInBackground = (file: string, filter: string): string =>
  `setsid tcpdump -i eth0 -n -U --immediate-mode -w ${file} ${filter} >/dev/null 2>&1 </dev/null & sleep 1`;
export const stopRecording = 'pkill -INT -x tcpdump; while pgrep -x tcpdump >/dev/null; do sleep 0.1; done';
