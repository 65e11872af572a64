import { pipeline, Readable, type Duplex } from "node:stream";
import * as zlib from "node:zlib";

const unpackers: Record<string, (head: Buffer) => Duplex> = {
  gzip: () => zlib.createGunzip(),
  // Some servers leave the header of zlib out.
  deflate: (head) => (isZlib(head) ? zlib.createInflate() : zlib.createInflateRaw()),
  br: () => zlib.createBrotliDecompress(),
  // Node 20 has none.
  ...("createZstdDecompress" in zlib && { zstd: () => zlib.createZstdDecompress() }),
};

/** For `accept-encoding`. */
export const packings = Object.keys(unpackers).join(", ");

/** Layers of packing: more than a careless proxy adds are an attack. */
const MOST_LAYERS = 3;

/** The packings of a `content-encoding`, outermost last; undefined when one of them cannot be unpacked. */
export function readPackings(contentEncoding: string | undefined): string[] | undefined {
  const names = (contentEncoding ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim().replace(/^x-gzip$/, "gzip"))
    .filter((name) => name !== "" && name !== "identity");
  return names.length <= MOST_LAYERS && names.every((name) => Object.hasOwn(unpackers, name)) ? names : undefined;
}

/** A body without its packings. What was packed as gzip twice and says so once is unpacked twice. */
export async function unpackBody(body: Readable, packedAs: string[]): Promise<Readable> {
  let stream = body;
  for (const name of packedAs.toReversed()) {
    const { head, whole } = await peek(stream);
    stream = head.length > 0 ? through(whole, unpackers[name]!(head)) : whole;
  }
  for (let layer = packedAs.length; packedAs.includes("gzip") && layer < MOST_LAYERS; layer += 1) {
    const { head, whole } = await peek(stream);
    stream = isGzip(head) ? through(whole, zlib.createGunzip()) : whole;
    if (stream === whole) break;
  }
  return stream;
}

function through(from: Readable, unpacker: Duplex): Readable {
  // The error, if any, reaches the reader through the destroyed stream.
  return pipeline(from, unpacker, () => {});
}

/** The first bytes, which are put back. */
async function peek(stream: Readable): Promise<{ head: Buffer; whole: Readable }> {
  const chunks: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]();
  const taken: Buffer[] = [];
  while (taken.reduce((sum, { length }) => sum + length, 0) < 3) {
    const { value, done } = await chunks.next();
    if (done) break;
    taken.push(value);
  }
  async function* again() {
    try {
      yield* taken;
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
    } finally {
      stream.destroy();
    }
  }
  return { head: Buffer.concat(taken), whole: Readable.from(again(), { objectMode: false }) };
}

function isGzip(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b && head[2] === 8;
}

function isZlib(head: Buffer): boolean {
  return head.length >= 2 && (head[0]! & 0x0f) === 8 && head.readUInt16BE(0) % 31 === 0;
}
