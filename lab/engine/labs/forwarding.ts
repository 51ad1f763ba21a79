/**
 * Rules in this machine's firewall by which what is routed passes within a lab's networks. A container on the host's network
 * writes them, and is gone again; the label of a network says that there are some for its bridge.
 */
import { Writable } from 'node:stream';
import { forwardingRule } from '../../plan/networks/forwarding';
import { byEngine, type Engine } from '../docker/connection';
import { LabError } from '../docker/errors';
import { labels } from '../docker/labels';
import { bridgeName } from '../docker/names';
import type { FoundNetwork } from './find';

/**
 * Both iptables know Docker's chain by its name; where neither does, no engine asks for such rules. A rule may be there
 * twice, or not at all.
 */
const EDIT = `
for tables in iptables-nft iptables-legacy; do
  $tables -w -n -L DOCKER-USER >/dev/null 2>&1 || continue
  while $tables -w -D "$@" 2>/dev/null; do :; done
  if [ "$action" = add ]; then exec $tables -w -I "$@"; fi
  exit 0
done`;

type LabNetwork = Pick<FoundNetwork, 'Id' | 'Labels' | 'handle'>;

const isRouted = ({ Labels }: LabNetwork): boolean => Labels?.[labels.forwarding] !== undefined;

/** @param networks of a lab @param image of its nodes @param carried its labels */
export async function letForwardedPass(
  networks: readonly LabNetwork[],
  image: string,
  carried: Record<string, string>,
): Promise<void> {
  await edit('add', networks.filter(isRouted), image, carried);
}

/** To be called while the networks are still there: without them nobody knows what the rules were. */
export async function stopForwarded(networks: readonly LabNetwork[]): Promise<void> {
  const routed = networks.filter(isRouted);
  const image = routed[0]?.Labels?.[labels.forwarding];
  if (image !== undefined) await edit('remove', routed, image, {});
}

async function edit(
  action: 'add' | 'remove',
  networks: readonly LabNetwork[],
  image: string,
  carried: Record<string, string>,
): Promise<void> {
  for (const [engine, there] of byEngine(networks, ({ handle }) => handle))
    await editOn(engine, action, there, image, carried);
}

async function editOn(
  { api }: Engine,
  action: 'add' | 'remove',
  networks: readonly LabNetwork[],
  image: string,
  carried: Record<string, string>,
): Promise<void> {
  const lines = networks.map(({ Id }) => `edit ${forwardingRule(bridgeName(Id)).join(' ')}`);
  const script = [`action=${action}; edit() { (${EDIT}\n); }`, ...lines.map((line) => `${line} || exit`)];
  let said = '';
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      said += chunk.toString();
      done();
    },
  });
  const [{ StatusCode }] = (await api.run(image, ['sh', '-c', script.join('\n')], output, {
    Labels: carried,
    Tty: true,
    HostConfig: {
      NetworkMode: 'host',
      AutoRemove: true,
      CapDrop: ['ALL'],
      CapAdd: ['NET_ADMIN', 'NET_RAW'],
      ReadonlyRootfs: true,
      Tmpfs: { '/run': 'rw' },
    },
  })) as [{ StatusCode: number }];
  if (StatusCode === 0) return;
  throw new LabError(
    'STEP_FAILED',
    `The firewall of the engine's machine cannot be changed (status ${StatusCode}): ${said.trim()}`,
    'A topology with a router needs rules in its chain DOCKER-USER.',
  );
}
