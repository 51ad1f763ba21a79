/** The length of an answer in HTTP/1.1 (RFC 9112, section 6.3), none of which is to a HEAD. */

/** Informational answers are not final, and the others have no content. */
const WITHOUT_CONTENT = /^HTTP\/1\.[01] (?:204|304)/;
const INFORMATIONAL = /^HTTP\/1\.[01] 1\d\d/;

/** @returns undefined while bytes are missing */
export function httpAnswerLength(bytes: Buffer, hasEnded = false): number | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = bytes.toString('latin1', 0, end + 2);
  const contentAt = end + 4;
  if (INFORMATIONAL.test(head)) {
    const final = httpAnswerLength(bytes.subarray(contentAt), hasEnded);
    return final === undefined ? undefined : contentAt + final;
  }
  if (WITHOUT_CONTENT.test(head)) return contentAt;
  if (/\r\ntransfer-encoding:[^\r]*chunked/i.test(head)) return chunksEnd(bytes, contentAt);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  // Without a length it lasts until the server closes.
  if (length === undefined) return hasEnded ? bytes.length : undefined;
  const whole = contentAt + Number(length);
  return bytes.length >= whole ? whole : undefined;
}

/** Offset behind the last chunk and its trailers (RFC 9112, section 7.1). */
function chunksEnd(bytes: Buffer, from: number): number | undefined {
  for (let at = from; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (size === 0) {
      const end = bytes.indexOf('\r\n\r\n', lineEnd);
      return end < 0 ? undefined : end + 4;
    }
    at = lineEnd + 2 + size + 2;
    if (!(at <= bytes.length)) return undefined;
  }
}
