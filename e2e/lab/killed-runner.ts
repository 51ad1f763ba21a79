/** A program as a test runner is one, to be killed: says each step of what it does, and cleans nothing up. */
import { startLab } from '../../lab/library';
import traditional from '../../topologies/traditional';

const say = (what: string): void => void process.stdout.write(`${what}\n`);

const [name] = process.argv.slice(2);
const lab = await startLab(traditional, {
  name: name!,
  progress: { step: (title, work) => (say(title), work()), note: say },
});
await lab.verify({ requests: 24, onPhase: say });
say('done');
// Until it is killed, or nobody is left who could.
process.stdin.resume();
