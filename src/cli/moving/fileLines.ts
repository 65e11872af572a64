import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { AppError } from "../../base/appError.ts";

/** A line of a file, by its number from 1 on. */
export interface FileLine {
  line: number;
  text: string;
}

/** Longest line, in bytes. A message with pictures is as long as those. */
export const MOST_BYTES = 32_000_000;

/**
 * The lines of a file, unpacked where it is gzipped, one at a time. Blank ones are passed over; a line that is too long, or no
 * UTF-8, and a file that ends within its packing, are refused.
 */
export async function* fileLines(path: string, mostBytes = MOST_BYTES): AsyncGenerator<FileLine> {
  let line = 0;
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  const toLine = (bytes: Buffer): FileLine => {
    try {
      return { line, text: decoder.decode(bytes) };
    } catch {
      throw lineFault(line, "It is no UTF-8");
    }
  };
  let parts: Buffer[] = [];
  let size = 0;
  const take = (): FileLine | undefined => {
    line += 1;
    const found = toLine(Buffer.concat(parts));
    parts = [];
    size = 0;
    return found.text.trim() === "" ? undefined : found;
  };
  try {
    for await (const chunk of await openFile(path)) {
      let rest = chunk as Buffer;
      for (let at = rest.indexOf(10); ; at = rest.indexOf(10)) {
        const piece = at < 0 ? rest : rest.subarray(0, at);
        size += piece.length;
        if (size > mostBytes) throw lineFault(line + 1, `It is longer than ${mostBytes} bytes`);
        parts.push(piece);
        if (at < 0) break;
        const found = take();
        if (found) yield found;
        rest = rest.subarray(at + 1);
      }
    }
  } catch (error) {
    if (/^Z_|^ERR_ZLIB/.test(String((error as { code?: unknown }).code)))
      throw lineFault(line + 1, "The packed file is cut or damaged here");
    throw error;
  }
  const last = size > 0 ? take() : undefined;
  if (last) yield last;
}

export function lineFault(line: number, message: string): AppError {
  return new AppError("bad_request", `Line ${line}: ${message}`);
}

async function openFile(path: string): Promise<Readable> {
  try {
    const file = await open(path);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    await file.close();
    const stream = createReadStream(path);
    if (bytesRead < 2 || buffer[0] !== 0x1f || buffer[1] !== 0x8b) return stream;
    const unpacked = createGunzip();
    stream.on("error", (error) => unpacked.destroy(error));
    return stream.pipe(unpacked);
  } catch (error) {
    const why =
      (error as { code?: string }).code === "ENOENT" ? "there is no such file" : String((error as Error).message);
    throw new AppError("bad_request", `${path} cannot be read: ${why}`, { cause: error });
  }
}
