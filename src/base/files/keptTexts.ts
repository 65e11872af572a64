import { createHash, randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { makeFolders, makeFoldersNow } from "./makeFolders.ts";
import { AppError } from "../appError.ts";

/** Texts too long to be shown whole, as files of the state folder that only their session reads on in. */
export interface KeptTexts {
  /** Resolves with the id to read on by. */
  keep(sessionKey: string, text: string): Promise<string>;
  /** One that grows; nothing is kept of it where the disk refuses. */
  open(sessionKey: string): KeptText;
  /** From a byte on, cut at whole characters. `not_found` for an unknown id, or another session's. */
  read(sessionKey: string, id: string, offset: number, bytes: number): Promise<ResultPart>;
}

export interface KeptText {
  /** To read on by. */
  id: string;
  add(text: string): void;
  /** How many are kept: 100 MB at most. */
  bytes(): number;
  /** Whether that is not all of it: it is longer, or the disk took no more. */
  isCut(): boolean;
  /** Resolves when all of it can be read. */
  close(): Promise<void>;
}

interface ResultPart {
  text: string;
  /** The byte after it. */
  end: number;
  total: number;
}

const MOST_BYTES = 200 * 1024 * 1024;
const MOST_GROWN = 100 * 1024 * 1024;
const MOST_AGE_MS = 7 * 24 * 3600 * 1000;

/** `mostGrown`: of one that grows, how many bytes are kept. */
export function createKeptTexts(folder: string, now: () => number, mostGrown = MOST_GROWN): KeptTexts {
  let pruned: Promise<void> | undefined;
  return {
    async keep(sessionKey, text) {
      await makeFolders(folder, 0o700);
      const id = randomBytes(6).toString("hex");
      const file = await open(join(folder, nameOf(sessionKey, id)), "wx", 0o600);
      try {
        await file.writeFile(text);
      } finally {
        await file.close();
      }
      pruned = (pruned ?? Promise.resolve()).then(() => prune(folder, now())).catch(() => {});
      await pruned;
      return id;
    },
    open(sessionKey) {
      const id = randomBytes(6).toString("hex");
      try {
        makeFoldersNow(folder, 0o700);
      } catch {
        return { id, add() {}, bytes: () => 0, isCut: () => true, async close() {} };
      }
      const stream = createWriteStream(join(folder, nameOf(sessionKey, id)), { flags: "wx", mode: 0o600 });
      let bytes = 0;
      let isCut = false;
      stream.on("error", () => (isCut = true));
      pruned = (pruned ?? Promise.resolve()).then(() => prune(folder, now())).catch(() => {});
      return {
        id,
        add(text) {
          isCut ||= bytes >= mostGrown || stream.destroyed;
          if (isCut) return;
          bytes += Buffer.byteLength(text);
          stream.write(text);
        },
        bytes: () => stream.bytesWritten,
        isCut: () => isCut,
        close: () => new Promise((resolve) => stream.end(() => resolve())),
      };
    },
    async read(sessionKey, id, offset, bytes) {
      const path = join(folder, nameOf(sessionKey, id));
      const file = /^[0-9a-f]{12}$/.test(id) ? await open(path, "r").catch(() => undefined) : undefined;
      if (!file) throw new AppError("not_found", `Nothing is kept as ${id} for this session`);
      try {
        const { size } = await file.stat();
        if (offset > size) throw new AppError("bad_request", `It has ${size} bytes; there is none at ${offset}`);
        const buffer = Buffer.alloc(Math.min(bytes, size - offset));
        await file.read(buffer, 0, buffer.length, offset);
        const [from, to] = wholeCharacters(buffer, offset + buffer.length === size);
        return { text: buffer.toString("utf8", from, to), end: offset + to, total: size };
      } finally {
        await file.close();
      }
    },
  };
}

function nameOf(sessionKey: string, id: string): string {
  return `${createHash("sha256").update(sessionKey).digest("hex").slice(0, 16)}-${id}.txt`;
}

/** Where the first character begins and the last one ends. */
function wholeCharacters(buffer: Buffer, isEnd: boolean): [number, number] {
  let from = 0;
  while (from < 3 && from < buffer.length && isMiddle(buffer[from]!)) from += 1;
  if (isEnd) return [from, buffer.length];
  let last = buffer.length - 1;
  while (last > from && isMiddle(buffer[last]!)) last -= 1;
  const lead = buffer[last] ?? 0;
  const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return [from, last + length <= buffer.length ? last + length : last];
}

const isMiddle = (byte: number): boolean => (byte & 0xc0) === 0x80;

/** Removes what is old, and of the rest the oldest beyond what may be kept. */
async function prune(folder: string, now: number): Promise<void> {
  const files = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const found = await stat(join(folder, name));
      return { path: join(folder, name), bytes: found.size, at: found.mtimeMs };
    }),
  );
  let kept = 0;
  for (const { path, bytes, at } of files.toSorted((a, b) => b.at - a.at)) {
    kept += bytes;
    if (kept > MOST_BYTES || now - at > MOST_AGE_MS) await rm(path, { force: true });
  }
}
