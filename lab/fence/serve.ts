/** A fence as long as it stands: names answered, calls refused, both recorded. */
import { spawnSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { hearCalls } from './calls';
import { Names } from './names';
import type { FenceOptions } from './options';
import { PROBE_ADDRESS, RECORD_FILE } from './place';
import { Recorder } from './record';
import { answerNames } from './resolver';
import { rulesFor, rulesOfIpv6 } from './rules';

/** Resolves when it stands. @throws Error with what could not be put up */
export async function serveFence(options: FenceOptions): Promise<void> {
  const names = new Names(options.names);
  const recorder = new Recorder();
  const write = writerOf(recorder);
  await answerNames(names, (name) => {
    recorder.asked(name, new Date().toISOString());
    write();
  });
  const { listens, ended } = hearCalls((call) => {
    const name = names.nameOf(call.address);
    if (call.address === PROBE_ADDRESS) recorder.probed(name ?? '');
    else recorder.called({ ...call, name }, new Date().toISOString());
    write();
  });
  // Calls that nobody hears of must not look like none.
  const lost = ended.then((said) => {
    process.stderr.write(`lab-fence: tcpdump has ended: ${said}\n`);
    process.exit(1);
  });
  await Promise.race([listens, lost]);
  run(['iptables-restore', '-w', '-n'], rulesFor(options));
  run(['ip6tables-restore', '-w', '-n'], rulesOfIpv6(options));
  // Without a route a call fails before any rule has seen it. By this one nothing gets out, also without the rules.
  run(['ip', 'route', 'replace', 'default', 'dev', 'lo']);
  // Where IPv6 is off there is nothing to refuse.
  spawnSync('ip', ['-6', 'route', 'add', 'default', 'dev', 'lo']);
  write();
}

function run([program, ...argv]: readonly [string, ...string[]], input = ''): void {
  const { status, stderr, error } = spawnSync(program, argv, { input });
  if (status === 0) return;
  throw new Error(`\`${[program, ...argv].join(' ')}\`: ${error?.message ?? stderr.toString().trim()}`);
}

/** Writes once for all that one turn of the event loop has brought. Readers see a whole record, the earlier or the new one. */
function writerOf(recorder: Recorder): () => void {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    setImmediate(() => {
      isDue = false;
      const next = `${RECORD_FILE}.next`;
      writeFileSync(next, JSON.stringify(recorder.record()));
      renameSync(next, RECORD_FILE);
    });
  };
}
