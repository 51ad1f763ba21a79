/**
 * Takes apart what the engine sends of a command that has no terminal: frames of a stream's number (u8), three zeros, a length
 * (u32, big-endian), and so many bytes (Docker's API, "Attach to a container", stream format).
 */
const HEADER_BYTES = 8;
const STDERR = 2;

export type Output = 'stdout' | 'stderr';

export class Demultiplexer {
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  /** Of the frame that is under way. */
  #left = 0;
  #output: Output = 'stdout';
  readonly #take: (output: Output, bytes: Buffer) => void;

  /** @param take is given what there is of each frame, as views, as soon as it is there */
  constructor(take: (output: Output, bytes: Buffer) => void) {
    this.#take = take;
  }

  /** @param piece of the connection, of any size */
  read(piece: Buffer): void {
    let at = 0;
    while (at < piece.length) {
      if (this.#left === 0) {
        const copied = piece.copy(this.#header, this.#headerBytes, at);
        at += copied;
        this.#headerBytes += copied;
        if (this.#headerBytes < HEADER_BYTES) return;
        this.#headerBytes = 0;
        this.#output = this.#header[0] === STDERR ? 'stderr' : 'stdout';
        this.#left = this.#header.readUInt32BE(4);
      } else {
        const bytes = piece.subarray(at, at + this.#left);
        at += bytes.length;
        this.#left -= bytes.length;
        this.#take(this.#output, bytes);
      }
    }
  }
}
