/** Where leaks are planted: a lab that copies, and the ways past its guard. */
import type { LabNode, RunningLab } from '../../engine/commands/lab';
import type { Family } from '../../topology/addresses';
import { deviceOf } from '../../topology/machines';
import type { Scene } from '../../verify/evidence/scene';
import { responses } from '../../verify/evidence/watch';
import { insistOn } from '../stage/parts';
import type { Link, TcpEnd } from './frames';

/** Sends a frame as it is, by a packet socket: neither iptables nor routes are asked. Perl is part of every Debian. */
const SEND = `
  my ($device, $frame) = @ARGV;
  open my $file, '<', "/sys/class/net/$device/ifindex" or die "no device $device\\n";
  socket my $socket, 17, 3, 0 or die "no packet socket: $!\\n";
  send $socket, pack('H*', $frame), 0, pack('SnlSCCa8', 17, 0, <$file>, 0, 0, 6, '') or die "not sent: $!\\n";
`;

export class Ground {
  readonly client: LabNode;
  readonly online: LabNode;
  readonly test: LabNode;
  readonly #hardware = new Map<LabNode, string>();

  private constructor(
    readonly lab: RunningLab,
    readonly scene: Scene,
  ) {
    this.client = lab.node(scene.clients[0]!.name);
    this.online = lab.node(scene.online.name);
    this.test = lab.node(scene.test.name);
  }

  static async of(lab: RunningLab, scene: Scene): Promise<Ground> {
    const ground = new Ground(lab, scene);
    for (const node of lab.nodes) ground.#hardware.set(node, await hardwareOf(node));
    return ground;
  }

  /** The copied port. */
  get copied(): TcpEnd {
    return this.scene.test;
  }

  /** A client's end that no connection uses, of the copied port's family. */
  get clientEnd(): TcpEnd {
    return { address: this.scene.clients[0]!.address, port: 9_999 };
  }

  get family(): Family {
    return responses(this.scene)[0]!.family;
  }

  /** An address of a node, of that family. */
  addressOf({ definition: { address, address6 } }: LabNode): string {
    return this.family === 6 && address6 !== undefined ? address6 : address;
  }

  link(from: LabNode, to: LabNode): Link {
    return { source: this.#hardware.get(from)!, destination: this.#hardware.get(to)! };
  }

  async send(from: LabNode, frame: Uint8Array, device = deviceOf(from.definition)): Promise<void> {
    await insistOn(from, ['perl', '-e', SEND, device, Buffer.from(frame).toString('hex')]);
  }

  shell(node: LabNode, line: string): Promise<string> {
    return insistOn(node, ['sh', '-c', line]);
  }
}

const hardwareOf = async (node: LabNode): Promise<string> =>
  (await node.readFile(`/sys/class/net/${deviceOf(node.definition)}/address`)).toString().trim();
