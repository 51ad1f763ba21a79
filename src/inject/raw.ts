/**
 * Injection on the package `raw-socket`: a raw IP socket that takes whole packets (raw(7), IPPROTO_RAW).
 *
 * The package's `send` only queues, one packet for each turn of the event loop. Calling its queue's own drain right
 * behind it sends at once, in order, and nothing is ever left in the queue.
 */
import { getSystemErrorName } from 'node:util';
import { loadOptionalPackage } from '../kernel/optional-package';
import { familyOf, formatAddress, type Family } from '../wire/address/address';
import { InjectError, type InjectSink, type RefusalListener } from './sink';

/** IPPROTO_RAW (linux/in.h): the caller writes the IP header. */
const IPPROTO_RAW = 255;
const SOL_SOCKET = 1;
const SO_BINDTODEVICE = 25;

interface RawSocket {
  send(
    buffer: Buffer,
    offset: number,
    length: number,
    address: string,
    after: (error: Error | null, bytes: number) => void,
  ): void;
  setOption(level: number, option: number, value: Buffer, length: number): void;
  onSendReady(): void;
  pauseSend(): void;
  pauseRecv(): void;
  on(event: 'error', listener: (error: Error) => void): void;
  close(): void;
}

/** Of the package: AddressFamily. */
const ADDRESS_FAMILIES: Readonly<Record<Family, number>> = { 4: 1, 6: 2 };

/** @param device that packets leave by; by default the kernel's choice @throws InjectError */
export function openRawSink(refused: RefusalListener, device?: string): InjectSink {
  const sinks = { 4: openFamilySink(4, refused, device), 6: openFamilySink(6, refused, device) };
  return {
    description: 'raw IP socket (package raw-socket)',
    send: (packet, length, destination) => sinks[familyOf(destination)].send(packet, length, destination),
    flush: () => undefined,
    close() {
      sinks[4].close();
      sinks[6].close();
    },
  };
}

function openFamilySink(
  family: Family,
  refused: RefusalListener,
  device: string | undefined,
): Pick<InjectSink, 'send' | 'close'> {
  const raw = loadOptionalPackage('raw-socket', 'a C++ compiler') as {
    createSocket(options: { protocol: number; addressFamily: number }): RawSocket;
  };
  let socket: RawSocket;
  try {
    socket = raw.createSocket({ protocol: IPPROTO_RAW, addressFamily: ADDRESS_FAMILIES[family] });
  } catch (cause) {
    if (family === 6) return { send: () => refused('EAFNOSUPPORT'), close: () => undefined };
    throw new InjectError(
      `cannot open a raw socket: ${(cause as Error).message}; injecting needs root or CAP_NET_RAW`,
      { cause },
    );
  }
  if (device !== undefined) bindToDevice(socket, device);
  let refusal: string | undefined;
  socket.on('error', (error) => (refusal = errnoName(error)));
  socket.pauseRecv();
  const addresses = new Map<number, string>();
  const after = (error: Error | null): void => {
    refusal = error ? errnoName(error) : undefined;
  };
  return {
    send(packet, length, destination) {
      let address = addresses.get(destination);
      if (address === undefined) addresses.set(destination, (address = formatAddress(destination)));
      refusal = 'not-sent';
      socket.send(Buffer.from(packet.buffer, packet.byteOffset, length), 0, length, address, after);
      socket.onSendReady();
      const sent = refusal as string | undefined; // changed by `after` meanwhile
      if (sent !== undefined) refused(sent);
    },
    close: () => socket.close(),
  };
}

function bindToDevice(socket: RawSocket, device: string): void {
  const name = Buffer.from(`${device}\0`);
  try {
    socket.setOption(SOL_SOCKET, SO_BINDTODEVICE, name, name.length);
  } catch (cause) {
    throw new InjectError(`cannot send on ${device}: ${(cause as Error).message}; see ip link`, { cause });
  }
}

/** The package throws errors whose message is strerror's text; libuv knows the names. */
const ERRNO_BY_TEXT = new Map<string, string>([
  ['Operation not permitted', 'EPERM'],
  ['Message too long', 'EMSGSIZE'],
  ['No buffer space available', 'ENOBUFS'],
  ['Network is unreachable', 'ENETUNREACH'],
  ['No route to host', 'EHOSTUNREACH'],
  ['Network is down', 'ENETDOWN'],
  ['Invalid argument', 'EINVAL'],
  ['Resource temporarily unavailable', 'EAGAIN'],
]);

function errnoName(error: Error): string {
  const { errno } = error as NodeJS.ErrnoException;
  if (typeof errno === 'number' && errno !== 0) return getSystemErrorName(-Math.abs(errno));
  return ERRNO_BY_TEXT.get(error.message) ?? 'unknown';
}
