/** The length of an HTTP/1.1 request (RFC 9112, section 6): by chunks, by Content-Length, or no body at all. */

const HEAD_BYTES_MAX = 64 * 1024;
const REQUEST_LINE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+ \S+ HTTP\/1\.[01]\r\n/;

export function httpRequestLength(bytes: Buffer, at: number): number | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n', at);
  if (headEnd < 0) return bytes.length - at > HEAD_BYTES_MAX ? -1 : undefined;
  const head = bytes.toString('latin1', at, headEnd + 2);
  if (!REQUEST_LINE.test(head)) return -1;
  const bodyAt = headEnd + 4;
  if (/\r\ntransfer-encoding:[^\r]*chunked/i.test(head)) {
    const end = chunksEnd(bytes, bodyAt);
    return end === undefined || end < 0 ? end : end - at;
  }
  const given = /\r\ncontent-length:[ \t]*(\S*)/i.exec(head)?.[1] ?? '0';
  if (!/^\d{1,12}$/.test(given)) return -1;
  const end = bodyAt + Number(given);
  return end <= bytes.length ? end - at : undefined;
}

/** Offset behind the last chunk and its trailers (RFC 9112, section 7.1). */
function chunksEnd(bytes: Buffer, from: number): number | undefined {
  let at = from;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = /^[0-9a-f]{1,8}(?=[ \t]*(?:;|$))/i.exec(bytes.toString('latin1', at, lineEnd))?.[0];
    if (size === undefined) return -1;
    if (parseInt(size, 16) === 0) {
      // Trailers are lines until an empty one; without any, the empty one follows at once.
      const end = bytes.indexOf('\r\n\r\n', lineEnd);
      return end < 0 ? undefined : end + 4;
    }
    const dataEnd = lineEnd + 2 + parseInt(size, 16);
    at = dataEnd + 2;
    if (at > bytes.length) return undefined;
    if (bytes.toString('latin1', dataEnd, at) !== '\r\n') return -1;
  }
}
