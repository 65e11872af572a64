import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { CHAIN_START, type ChainEnd, checkLine, toLine } from "../../base/hashChain.ts";
import { type Clock, isoTime } from "../../base/clock.ts";
import { describeError, type Log } from "../../base/log.ts";
import { replaceFile } from "../../base/files/replaceFile.ts";
import { sleep } from "../../base/wait.ts";
import { whileHeld } from "../../base/files/whileHeld.ts";
import type { AuditEntry, AuditRecord } from "../../protocol/audit.ts";
import { auditFolder, CURRENT_FILE, END_FILE, fullFileName, listFullFiles, readEnd, readText } from "./auditFiles.ts";

/** The audit log of a state folder: one line of JSON per thing done, each with the hash of the line before. */
export interface AuditLog {
  /** Never waits and never throws; lines are written in the order of these calls. */
  append(entry: AuditEntry): void;
  /** Newest first, those before the line numbered `before`. */
  list(query: AuditQuery): Promise<{ records: AuditRecord[]; hasMore: boolean }>;
  /** Resolves when what was appended is written. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface AuditQuery {
  limit: number;
  before?: number;
  kind?: AuditEntry["kind"];
}

export interface AuditOptions {
  stateDir: string;
  clock: Clock;
  log: Log;
  /** A file that has grown past this is set aside. */
  maxBytes?: number;
  /** How many full files are kept. */
  keepFiles?: number;
}

const MOST_WAITING = 10_000;
const RETRY_MS = 1000;
const GATHER_MS = 100;

/** Goes on where the log ended, whatever ended it. */
export async function openAuditLog(options: AuditOptions): Promise<AuditLog> {
  const { clock, log, maxBytes = 10 * 1024 * 1024, keepFiles = 20 } = options;
  const folder = auditFolder(options.stateDir);
  const path = join(folder, CURRENT_FILE);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let { end, size } = await findEnd(folder, path);
  let file: FileHandle | undefined;
  let waiting: { at: string; entry: AuditEntry }[] = [];
  let lost = 0;
  let marked = end.seq;
  let isMarkTold = false;
  let writing: Promise<void> | undefined;
  let gathering: NodeJS.Timeout | undefined;
  let closed = false;

  const setAside = async (): Promise<void> => {
    await file?.close();
    file = undefined;
    const full = await listFullFiles(folder);
    const aside = join(folder, fullFileName((full.at(-1)?.number ?? 0) + 1));
    await whileHeld(path, () => rename(path, aside));
    size = 0;
    for (const { name } of full.slice(0, Math.max(0, full.length + 1 - keepFiles)))
      await rm(join(folder, name), { force: true });
  };

  const write = async (batch: { at: string; entry: AuditEntry }[]): Promise<void> => {
    if (size >= maxBytes) await setAside();
    file ??= await open(path, "a", 0o600);
    let next = end;
    const lines: string[] = [];
    for (const { at, entry } of batch) {
      const link = toLine({ at, ...entry }, next);
      next = { seq: link.seq, hash: link.hash };
      lines.push(link.line);
    }
    const bytes = Buffer.from(`${lines.join("\n")}\n`);
    try {
      await file.appendFile(bytes);
    } catch (error) {
      // Part of it may be there: the next try must not come after half a line.
      await file.truncate(size).catch(() => {});
      throw error;
    }
    end = next;
    size += bytes.length;
  };

  // Apart from the lines, which are written when they are: a mark that cannot be replaced must not have them written again.
  const mark = async (): Promise<void> => {
    if (marked === end.seq) return;
    await replaceFile(join(folder, END_FILE), `${JSON.stringify(end)}\n`, 0o600);
    marked = end.seq;
  };

  const pump = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, 500);
      try {
        await write(lost > 0 ? [...batch, toLost(lost, clock)] : batch);
        lost = 0;
      } catch (error) {
        log.error("The audit log could not be written", { error: describeError(error) });
        waiting = [...batch, ...waiting];
        if (closed) return;
        await sleep(clock, RETRY_MS);
      }
    }
    await mark().then(
      () => (isMarkTold = false),
      (error: unknown) => {
        if (!isMarkTold)
          log.error("The end of the audit log could not be marked; it is with the next line", {
            error: describeError(error),
          });
        isMarkTold = true;
      },
    );
  };

  /** What comes within a moment is written at once: a line of its own would cost each call more than the call. */
  const gather = (): void => {
    if (!writing) gathering ??= setTimeout(() => void start(), GATHER_MS).unref();
  };

  const start = (): Promise<void> => {
    clearTimeout(gathering);
    gathering = undefined;
    return (writing ??= pump().finally(() => {
      writing = undefined;
      if (waiting.length > 0 && !closed) gather();
    }));
  };
  const flush = async (): Promise<void> => {
    do await start();
    while (waiting.length > 0);
  };

  return {
    append(entry) {
      if (closed) return;
      if (waiting.length >= MOST_WAITING) lost += 1;
      else waiting.push({ at: isoTime(clock.now()), entry });
      gather();
    },
    async list({ limit, before = Infinity, kind }) {
      await flush();
      const records: AuditRecord[] = [];
      const full = await listFullFiles(folder);
      for (const name of [...full.map((item) => item.name), CURRENT_FILE].toReversed()) {
        for (const line of (await readText(join(folder, name))).split("\n").toReversed()) {
          const record = parse(line);
          if (!record || record.seq >= before || (kind !== undefined && record.kind !== kind)) continue;
          if (records.length === limit) return { records, hasMore: true };
          records.push(record);
        }
      }
      return { records, hasMore: false };
    },
    flush,
    async close() {
      closed = true;
      await start();
      await file?.close();
      file = undefined;
    },
  };
}

/** Where the chain ends, with a half-written last line cut off. */
async function findEnd(folder: string, path: string): Promise<{ end: ChainEnd; size: number }> {
  const text = await readText(path);
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole.length < text.length) {
    const file = await open(path, "r+");
    try {
      await file.truncate(Buffer.byteLength(whole));
    } finally {
      await file.close();
    }
  }
  const full = await listFullFiles(folder);
  const lines = whole || (full.length > 0 ? await readText(join(folder, full.at(-1)!.name)) : "");
  const last = checkLine(lines.trimEnd().split("\n").at(-1) ?? "").end;
  const written = await readEnd(folder);
  // When lines are missing at the end the chain must not close over them.
  const end = written && written.seq > (last?.seq ?? 0) ? written : (last ?? CHAIN_START);
  return { end, size: Buffer.byteLength(whole) };
}

function toLost(count: number, clock: Clock): { at: string; entry: AuditEntry } {
  const what = `${count} entries could not be kept`;
  return { at: isoTime(clock.now()), entry: { kind: "gateway", who: null, what, outcome: "lost" } };
}

function parse(line: string): AuditRecord | undefined {
  try {
    return JSON.parse(line) as AuditRecord;
  } catch {
    return undefined;
  }
}
