/** A file as git's index has it: what it was when it was last known to be as stored, and under which name it is stored. */
export interface IndexEntry {
  mtimeNs: bigint;
  size: bigint;
  /** Of its blob: SHA-1 in hex. */
  oid: string;
}

const HEAD_BYTES = 12;
// Ten numbers, the name of the blob, and flags.
const FIXED_BYTES = 62;
const EXTENDED = 0x4000;
const STAGE = 0x3000;
const REGULAR = 0o100000;

/** How many entries an index says that it has; 0 for what is none. */
export function indexCount(bytes: Buffer): number {
  const isIndex = bytes.length >= HEAD_BYTES && bytes.toString("latin1", 0, 4) === "DIRC";
  return isIndex ? bytes.readUInt32BE(8) : 0;
}

/** The regular files of an index by their paths from the repository; what is merged by hand just now is left out. */
export function readIndex(bytes: Buffer): Map<string, IndexEntry> {
  const entries = new Map<string, IndexEntry>();
  const version = indexCount(bytes) === 0 ? 0 : bytes.readUInt32BE(4);
  if (version < 2 || version > 4) return entries;
  let at = HEAD_BYTES;
  let last = Buffer.alloc(0);
  for (let left = indexCount(bytes); left > 0 && at + FIXED_BYTES < bytes.length; left -= 1) {
    const flags = bytes.readUInt16BE(at + 60);
    const isExtended = (flags & EXTENDED) !== 0;
    let from = at + FIXED_BYTES + (isExtended ? 2 : 0);
    let kept = Buffer.alloc(0);
    if (version === 4) {
      const { value, next } = readLength(bytes, from);
      kept = last.subarray(0, Math.max(0, last.length - value));
      from = next;
    }
    const end = bytes.indexOf(0, from);
    if (end < 0) break;
    last = Buffer.concat([kept, bytes.subarray(from, end)]);
    const number = (offset: number) => BigInt(bytes.readUInt32BE(at + offset));
    const isRegular = (bytes.readUInt32BE(at + 24) & 0o170000) === REGULAR;
    if (isRegular && (flags & STAGE) === 0)
      entries.set(last.toString("utf8"), {
        mtimeNs: number(8) * 1_000_000_000n + number(12),
        size: number(36),
        oid: bytes.toString("hex", at + 40, at + 60),
      });
    // One NUL at least, and a length that eight divides.
    at = version === 4 ? end + 1 : at + (Math.floor((end - at) / 8) + 1) * 8;
  }
  return entries;
}

/** How much of the last path goes: seven bits a byte, each step counting one more than its bits say. */
function readLength(bytes: Buffer, from: number): { value: number; next: number } {
  let at = from;
  let value = bytes[at]! & 0x7f;
  while (at + 1 < bytes.length && (bytes[at]! & 0x80) !== 0) {
    at += 1;
    value = ((value + 1) << 7) | (bytes[at]! & 0x7f);
  }
  return { value, next: at + 1 };
}
