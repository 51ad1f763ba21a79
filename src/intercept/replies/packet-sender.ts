/** Sends the few packets that intercept has to say itself, each at once. */
import { openIpLayerSink } from '../../inject/open';
import type { InjectSink } from '../../inject/sink';
import type { Backend } from '../../kernel/backend';

export class PacketSender {
  readonly #sinks = new Map<string | undefined, InjectSink>();
  #refusal: string | undefined;

  constructor(private readonly backend: Backend) {}

  /**
   * @param device by which it leaves; undefined for what the routes say
   * @returns why the kernel refused it (an errno name), or undefined
   * @throws InjectError
   */
  send(packet: Uint8Array, destination: number, device?: string): string | undefined {
    let sink = this.#sinks.get(device);
    if (!sink) {
      sink = openIpLayerSink(this.backend, (errno) => (this.#refusal = errno), device);
      this.#sinks.set(device, sink);
    }
    this.#refusal = undefined;
    sink.send(packet, packet.length, destination);
    sink.flush();
    return this.#refusal;
  }

  close(): void {
    for (const sink of this.#sinks.values()) sink.close();
    this.#sinks.clear();
  }
}
