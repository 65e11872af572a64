import { type FileHandle, open, rename, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { CHAIN_START, type ChainEnd, checkLine, toLine } from "../../base/hashChain.ts";
import { type Clock, isoTime } from "../../base/clock.ts";
import { describeError, type Log } from "../../base/log.ts";
import { fileLane } from "../../base/files/fileLane.ts";
import { replaceFile } from "../../base/files/replaceFile.ts";
import { sleep } from "../../base/wait.ts";
import { whileHeld } from "../../base/files/whileHeld.ts";
import { makePrivateFolder } from "../../config/privateFile.ts";
import type { AuditEntry, AuditRecord } from "../../protocol/audit.ts";
import { auditFolder, CURRENT_FILE, END_FILE, fullFileName, listFullFiles, readEnd, readText } from "./auditFiles.ts";

/** The audit log of a state folder: one line of JSON per thing done, each with the hash of the line before. */
export interface AuditLog {
  /** Never waits and never throws; lines are written in the order of these calls. */
  append(entry: AuditEntry): void;
  /** Newest first, those before the line numbered `before`. What cannot be written now is there as it will be written. */
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
  const { clock, log, stateDir, maxBytes = 10 * 1024 * 1024, keepFiles = 20 } = options;
  const folder = auditFolder(stateDir);
  const path = join(folder, CURRENT_FILE);
  makePrivateFolder(folder);
  const { end, size } = await findEnd(folder, path);
  const chain: AuditChain = {
    ...{ clock, log, folder, path, maxBytes, keepFiles },
    ...{ end, size, marked: end.seq, isMarkTold: false, waiting: [], lost: 0, closed: false },
  };
  return {
    append: (entry) => append(chain, entry),
    list: (query) => list(chain, query),
    flush: () => flush(chain),
    close: () => close(chain),
  };
}

/** What is written of the log, and what waits for it. */
interface AuditChain extends Required<Pick<AuditOptions, "clock" | "log" | "maxBytes" | "keepFiles">> {
  folder: string;
  path: string;
  file?: FileHandle | undefined;
  /** The line that was written last. */
  end: ChainEnd;
  size: number;
  /** The number of the line that was marked as the last, apart from the lines. */
  marked: number;
  isMarkTold: boolean;
  waiting: Waiting[];
  /** Entries there was no place for. */
  lost: number;
  writing?: Promise<void> | undefined;
  /** Until what could not be written is tried again. */
  resting?: Promise<void> | undefined;
  gathering?: NodeJS.Timeout | undefined;
  closed: boolean;
}

interface Waiting {
  at: string;
  entry: AuditEntry;
}

function append(chain: AuditChain, entry: AuditEntry): void {
  if (chain.closed) return;
  if (chain.waiting.length >= MOST_WAITING) chain.lost += 1;
  else chain.waiting.push({ at: isoTime(chain.clock.now()), entry });
  gather(chain);
}

/** What comes within a moment is written at once: a line of its own would cost each call more than the call. */
function gather(chain: AuditChain): void {
  if (!chain.writing && !chain.resting) chain.gathering ??= setTimeout(() => void start(chain), GATHER_MS).unref();
}

/** Resolves when all that waits is written, or could not be. */
function start(chain: AuditChain): Promise<void> {
  clearTimeout(chain.gathering);
  chain.gathering = undefined;
  return (chain.writing ??= pump(chain).finally(() => {
    chain.writing = undefined;
    if (chain.waiting.length > 0 && !chain.closed) gather(chain);
  }));
}

async function flush(chain: AuditChain): Promise<void> {
  for (await start(chain); chain.waiting.length > 0 && !chain.closed; await start(chain)) await chain.resting;
}

async function close(chain: AuditChain): Promise<void> {
  chain.closed = true;
  await start(chain);
  await chain.file?.close();
  chain.file = undefined;
}

/** Writes all that waits. What cannot be written is tried again later. */
async function pump(chain: AuditChain): Promise<void> {
  const { clock, log } = chain;
  while (chain.waiting.length > 0) {
    const batch = chain.waiting.splice(0, 500);
    try {
      await write(chain, chain.lost > 0 ? [...batch, toLost(chain.lost, clock)] : batch);
      chain.lost = 0;
    } catch (error) {
      log.error("The audit log could not be written", { error: describeError(error) });
      chain.waiting = [...batch, ...chain.waiting];
      if (!chain.closed) chain.resting ??= rest(chain);
      return;
    }
  }
  await mark(chain);
}

async function rest(chain: AuditChain): Promise<void> {
  await sleep(chain.clock, RETRY_MS);
  chain.resting = undefined;
  if (!chain.closed) await start(chain);
}

async function write(chain: AuditChain, batch: Waiting[]): Promise<void> {
  await fileLane(chain.path, async (fence) => {
    await catchUp(chain);
    if (chain.size >= chain.maxBytes) await setAside(chain);
    const file = (chain.file ??= await open(chain.path, "a", 0o600));
    const links = toLinks(chain.end, batch);
    const bytes = Buffer.from(links.map(({ line }) => `${line}\n`).join(""));
    await fence();
    try {
      await file.appendFile(bytes);
    } catch (error) {
      // Part of it may be there: the next try must not come after half a line.
      await file.truncate(chain.size).catch(() => {});
      throw error;
    }
    const { seq, hash } = links.at(-1)!;
    chain.end = { seq, hash };
    chain.size += bytes.length;
  });
}

/** The lines that are to come after an end. */
function toLinks(end: ChainEnd, entries: Waiting[]): ReturnType<typeof toLine>[] {
  const links: ReturnType<typeof toLine>[] = [];
  for (const { at, entry } of entries) links.push(toLine({ at, ...entry }, links.at(-1) ?? end));
  return links;
}

/** Goes on from where the file ends now: another process, which led before or in between, may have written to it. */
async function catchUp(chain: AuditChain): Promise<void> {
  const { folder, path } = chain;
  const own = await chain.file?.stat();
  const there = own && (await stat(path).catch(() => undefined));
  if (there && there.ino === own.ino && there.size === chain.size) return;
  await chain.file?.close();
  chain.file = undefined;
  // What stands beside the lines as their end may not be read for now; the lines may.
  const { end, size, hasHalf } = await findEnd(folder, path, () => readEnd(folder).catch(() => undefined));
  if (hasHalf) await truncate(path, size);
  // The chain must not close over lines that are missing.
  if (end.seq >= chain.end.seq) chain.end = end;
  chain.size = size;
}

/** Gives a full file its number, and lets go of the oldest. */
async function setAside(chain: AuditChain): Promise<void> {
  const { folder, path, keepFiles } = chain;
  await chain.file?.close();
  chain.file = undefined;
  const full = await listFullFiles(folder);
  const aside = join(folder, fullFileName((full.at(-1)?.number ?? 0) + 1));
  await whileHeld(path, () => rename(path, aside));
  chain.size = 0;
  for (const { name } of full.slice(0, Math.max(0, full.length + 1 - keepFiles)))
    await rm(join(folder, name), { force: true });
}

// Apart from the lines, which are written when they are: a mark that cannot be replaced must not have them written again.
async function mark(chain: AuditChain): Promise<void> {
  const { folder, end, log } = chain;
  try {
    if (chain.marked !== end.seq) await replaceFile(join(folder, END_FILE), `${JSON.stringify(end)}\n`, 0o600);
    chain.marked = end.seq;
    chain.isMarkTold = false;
  } catch (error) {
    const words = "The end of the audit log could not be marked; it is with the next line";
    if (!chain.isMarkTold) log.error(words, { error: describeError(error) });
    chain.isMarkTold = true;
  }
}

async function list(
  chain: AuditChain,
  { limit, before = Infinity, kind }: AuditQuery,
): Promise<{ records: AuditRecord[]; hasMore: boolean }> {
  const { folder } = chain;
  await start(chain);
  const records: AuditRecord[] = [];
  const full = await listFullFiles(folder);
  const waiting = chain.resting ? toLinks(chain.end, chain.waiting).map(({ line }) => line) : [];
  const names = [...full.map((item) => item.name), CURRENT_FILE].toReversed();
  for (let at = -1; at < names.length; at += 1) {
    const lines = at < 0 ? waiting : (await readText(join(folder, names[at]!))).split("\n");
    for (const line of lines.toReversed()) {
      const record = parse(line);
      if (!record || record.seq >= before || (kind !== undefined && record.kind !== kind)) continue;
      if (records.length === limit) return { records, hasMore: true };
      records.push(record);
    }
  }
  return { records, hasMore: false };
}

/** Where the chain ends, and how many bytes of the file are whole lines: half a one may follow. */
async function findEnd(
  folder: string,
  path: string,
  readMark = () => readEnd(folder),
): Promise<{ end: ChainEnd; size: number; hasHalf: boolean }> {
  const text = await readText(path);
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const full = await listFullFiles(folder);
  const lines = whole || (full.length > 0 ? await readText(join(folder, full.at(-1)!.name)) : "");
  const last = checkLine(lines.trimEnd().split("\n").at(-1) ?? "").end;
  const written = await readMark();
  // When lines are missing at the end the chain must not close over them.
  const end = written && written.seq > (last?.seq ?? 0) ? written : (last ?? CHAIN_START);
  return { end, size: Buffer.byteLength(whole), hasHalf: whole.length < text.length };
}

function toLost(count: number, clock: Clock): Waiting {
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
