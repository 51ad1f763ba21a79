/** One side of a comparison: its capture files, merged by their times, and the exchanges in them. */
import { CaptureFile, type Damage } from '../../capture/file/capture-file';
import type { CapturedPacket } from '../../wire/capture/capture-format';
import { Connections, type ConnectionsOptions } from '../reading/connections';
import type { Exchange } from '../reading/exchange';
import { BothDirections, type ServerEndpoint } from './both-directions';

export interface SideOptions extends ConnectionsOptions {
  /** Paths; files that were captured beside each other, as on two devices, or one after the other. */
  readonly files: readonly string[];
  readonly servers: readonly ServerEndpoint[];
  /** Endpoints that are none of these servers, though these may be any address. */
  readonly others: readonly ServerEndpoint[];
}

interface Reading {
  readonly file: CaptureFile;
  packet: CapturedPacket;
}

/** One whose time has not come. */
interface Later {
  readonly path: string;
  /** Of its first packet. */
  readonly from_s: number;
}

/** Each that is open has a buffer of two megabytes. */
const OPEN_MAX = 8;
/** In a turn, so that the sides keep in step. */
const PACKETS_A_TURN = 64;

export class CapturedSide {
  packets = 0;
  /** Parts of files that cannot be used. */
  readonly damages: Damage[] = [];
  readonly #directions: BothDirections;
  readonly #connections: Connections;
  /** Each with its next packet. */
  #readings: Reading[] = [];
  /** In the order of their times. */
  #later: Later[] = [];
  #time_s = 0;

  private constructor({ servers, others, ...options }: SideOptions, tell: (exchange: Exchange) => void) {
    this.#directions = new BothDirections(servers, others);
    this.#connections = new Connections(options, tell);
  }

  /** @throws CaptureError when a file cannot be read, or is no capture */
  static async open(options: SideOptions, tell: (exchange: Exchange) => void): Promise<CapturedSide> {
    const side = new CapturedSide(options, tell);
    try {
      if (options.files.length <= OPEN_MAX) for (const path of options.files) await side.#open(path);
      else side.#later = await inOrder(options.files);
      return side;
    } catch (error) {
      await side.close();
      throw error;
    }
  }

  get counts(): Connections['counts'] {
    return this.#connections.counts;
  }

  get cutOff(): number {
    return this.#directions.cutOff;
  }

  /** Reads on. @returns false once nothing more comes */
  async turn(): Promise<boolean> {
    for (let packets = 0; packets < PACKETS_A_TURN; packets += 1) {
      let reading = this.#earliest();
      while (this.#isDue(reading)) {
        await this.#open(this.#later.shift()!.path);
        reading = this.#earliest();
      }
      if (!reading) {
        this.#connections.end();
        return false;
      }
      this.#take(reading);
      // Awaiting what is there already would take longer than to read it.
      const packet = reading.file.next() ?? (await nextOf(reading.file));
      if (packet) reading.packet = packet;
      else {
        this.#readings = this.#readings.filter((other) => other !== reading);
        await reading.file.close();
      }
    }
    return true;
  }

  async close(): Promise<void> {
    for (const { file } of this.#readings) await file.close();
    this.#readings = [];
  }

  async #open(path: string): Promise<void> {
    const file = await CaptureFile.open(path, (damage) => this.damages.push(damage));
    const packet = await nextOf(file);
    if (packet) this.#readings.push({ file, packet });
    else await file.close();
  }

  #isDue(reading: Reading | undefined): boolean {
    const [next] = this.#later;
    return next !== undefined && (!reading || next.from_s <= (reading.packet.timestamp ?? 0));
  }

  #earliest(): Reading | undefined {
    let earliest = this.#readings[0];
    for (const reading of this.#readings)
      if ((reading.packet.timestamp ?? 0) < (earliest!.packet.timestamp ?? 0)) earliest = reading;
    return earliest;
  }

  #take({ file, packet }: Reading): void {
    this.packets += 1;
    this.#time_s = packet.timestamp ?? this.#time_s;
    const direction = this.#directions.take(file.bytes, packet, this.#time_s);
    if (direction?.from === 'client') this.#connections.fromClient(direction.segment, this.#time_s);
    else if (direction) this.#connections.fromServer(direction.segment, this.#time_s);
  }
}

/** @throws CaptureError when one cannot be read, or is no capture */
async function inOrder(paths: readonly string[]): Promise<Later[]> {
  const all: Later[] = [];
  for (const path of paths) {
    const file = await CaptureFile.open(path, () => undefined);
    const packet = await nextOf(file);
    all.push({ path, from_s: packet?.timestamp ?? 0 });
    await file.close();
  }
  return all.toSorted((a, b) => a.from_s - b.from_s);
}

async function nextOf(file: CaptureFile): Promise<CapturedPacket | undefined> {
  for (;;) {
    const packet = file.next();
    if (packet) return packet;
    if (!(await file.read())) return undefined;
  }
}
