import { expect } from '@jest/globals';
import type { LabNode, RunningLab } from '../../lab/library';
import traditional from '../../topologies/traditional';
import { drawing } from '../stage/drawn';
import { eventually } from '../stage/eventually';
import { shell, withLab } from '../stage/verify-support';

const REQUESTS = 20_000;
/** tcpcopy gets a fifth of the time that it wants, in slices that its queue outlasts: more comes than it can copy, on any machine. */
const THROTTLED =
  'p=$(pgrep -x tcpcopy); while [ ! -e /tmp/enough ]; do kill -STOP $p; sleep 0.04; kill -CONT $p; sleep 0.01; done';

/** @param buffer_MB room for packets that wait */
const overloaded = (buffer_MB: number, ...tcpcopy: string[]) => ({
  ...traditional,
  copies: [
    { ...traditional.copies[0]!, tcpcopy: ['-B', String(buffer_MB), '--metrics', '9100', ...tcpcopy] },
  ],
});

async function answered(node: LabNode): Promise<number> {
  const { stdout } = await node.exec(['wc', '-l', '/var/log/nginx/access.log']);
  return Number(stdout.toString().split(' ')[0]);
}

async function counters(lab: RunningLab): Promise<Record<string, number>> {
  const { stdout } = await lab.node('online').exec(['curl', '-s', 'http://127.0.0.1:9100/metrics']);
  const samples = stdout.toString().matchAll(/^([a-z_]+(?:\{reason="[^"]*"\})?) (\d+)$/gm);
  return Object.fromEntries([...samples].map(([, name, value]) => [name!, Number(value)]));
}

/** @param options of ab */
async function saturate(lab: RunningLab, options: string): Promise<void> {
  const online = lab.node('online');
  const throttle = online.start(['sh', '-c', THROTTLED]);
  await shell(lab.node('client'), `ab -q -r ${options} http://online/`);
  await shell(online, 'touch /tmp/enough');
  await (
    await throttle
  ).ended;
  await shell(online, 'rm /tmp/enough; pkill -CONT -x tcpcopy');
}

async function logged(lab: RunningLab, event: string): Promise<number> {
  const { stdout } = await lab.node('online').exec(['grep', '-c', `"${event}"`, '/var/log/tcpcopy.log']);
  return Number(stdout.toString());
}

const overload = drawing('overloads', 1);

overload('more than can be copied is left out by whole connections, and counted', async () => {
  await withLab('e2e-overload', overloaded(32), async (lab) => {
    const [online, node] = [lab.node('online'), lab.node('test')];
    await saturate(lab, `-n ${REQUESTS} -c 20`);
    await eventually(
      async () => {
        const { tcpcopy_sessions_open: open, tcpcopy_requests_sent_total: sent } = await counters(lab);
        return open === 0 && sent === (await answered(node));
      },
      90_000,
      async () => JSON.stringify({ answered: await answered(node), ...(await counters(lab)) }),
    );
    const counted = await counters(lab);
    const hole = 'tcpcopy_sessions_given_up_total{reason="capture-hole"}';
    expect(counted).toMatchObject({ tcpcopy_capture_kernel_dropped_total: 0, [hole]: 0 });
    const missing = (await answered(online)) - (await answered(node));
    // A SYN that is sent again counts again; the kernel is asked for its part each second.
    const leftOutNow = async () => (await counters(lab))['tcpcopy_connections_left_out_total']!;
    await eventually(async () => (await leftOutNow()) >= missing);
    const leftOut = await leftOutNow();
    expect(leftOut).toBeGreaterThan(REQUESTS / 10);
    expect(leftOut).toBeLessThan(missing + REQUESTS / 50);
    await eventually(async () => (await counters(lab))['tcpcopy_copied_share_percent'] === 100);
    expect(await logged(lab, 'overloaded')).toBe(1);
  });
});

overload('where packets shall wait all the same, they are lost once there is no room for them', async () => {
  await withLab('e2e-overload-wait', overloaded(4, '--overload', 'wait'), async (lab) => {
    await saturate(lab, `-n ${REQUESTS} -c 20`);
    const counted = await counters(lab);
    expect(counted['tcpcopy_capture_kernel_dropped_total']).toBeGreaterThan(0);
    expect(counted['tcpcopy_connections_left_out_total']).toBe(0);
    expect(await logged(lab, 'overloaded')).toBe(0);
  });
});

overload.play();
