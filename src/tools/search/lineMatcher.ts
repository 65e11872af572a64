import { Worker } from "node:worker_threads";
import { AppError } from "../../base/appError.ts";
import { HIGH_1252, isMostlyLost, NOT_1252 } from "../../base/text/textBytes.ts";
import type { SearchPattern } from "./searchPattern.ts";

/** What a piece of a file holds. */
export interface PieceHits {
  lines: { line: number; text: string; isHit: boolean }[];
  /** Lines of the whole piece. */
  count: number;
  hits: number;
}

/** Of a thread's own work for one piece: what takes more is a pattern that explodes. */
const MAX_MATCH_MS = 2000;
/** On the clock, for a machine that has hardly any time for the thread. */
const MAX_WAIT_MS = 60_000;
/** So long a thread waits for the next search: to start one is more work than most searches are. */
const SPARE_MS = 5000;

/** What a thread had worked, in milliseconds, when it gave its last answer. */
const worked = new WeakMap<Worker, number>();

/** The thread of a search that is over. */
let spare: { worker: Worker; giveUp: NodeJS.Timeout } | undefined;

/**
 * Matches lines away from the main thread, which a regular expression could keep for as long as it likes, and which can
 * only be stopped from outside. Close it when done.
 */
export class LineMatcher {
  readonly #worker = takeSpare() ?? startThread();
  readonly #search: SearchPattern & { context: number };
  readonly #times: { spareMs: number; mostMs: number };
  #last = 0;
  /** At work: no other search may have the thread. */
  #isTaken = false;

  constructor(
    pattern: SearchPattern,
    context: number,
    { spareMs = SPARE_MS, mostMs = MAX_MATCH_MS }: { spareMs?: number; mostMs?: number } = {},
  ) {
    this.#search = { ...pattern, context };
    this.#times = { spareMs, mostMs };
  }

  /** Rejects with `timed_out` when the pattern takes too long. */
  match(bytes: Uint8Array, most: number): Promise<PieceHits> {
    const id = (this.#last += 1);
    const worker = this.#worker;
    const { mostMs } = this.#times;
    this.#isTaken = true;
    return new Promise((resolve, reject) => {
      const began = performance.now();
      let isOver = false;
      const end = () => {
        isOver = true;
        clearTimeout(timer);
        worker.off("message", onMessage).off("exit", onExit);
      };
      const onMessage = (answer: PieceHits & { id: number; workMs?: number }) => {
        if (answer.id !== id) return;
        this.#isTaken = false;
        worked.set(worker, answer.workMs ?? 0);
        end();
        resolve(answer);
      };
      const onExit = () => {
        end();
        reject(new AppError("timed_out", "The pattern takes too long; make it simpler"));
      };
      const look = async () => {
        const left = performance.now() - began < MAX_WAIT_MS ? mostMs - (await workSince(worker)) : 0;
        if (isOver) return;
        if (left > 0) timer = setTimeout(() => void look(), left);
        else void worker.terminate().then(onExit);
      };
      let timer = setTimeout(() => void look(), mostMs);
      worker.on("message", onMessage).once("exit", onExit);
      worker.postMessage({ ...this.#search, id, bytes, most });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isTaken || this.#worker.threadId === -1 || spare) await this.#worker.terminate();
    else keepSpare(this.#worker, this.#times.spareMs);
  }
}

/** Milliseconds of a thread's own work since its last answer; without an end where the runtime does not tell of threads. */
async function workSince(worker: Worker): Promise<number> {
  const usage = await worker.cpuUsage?.().catch(() => undefined);
  return usage ? (usage.user + usage.system) / 1000 - (worked.get(worker) ?? 0) : Infinity;
}

function startThread(): Worker {
  const worker = new Worker(SOURCE, { eval: true, execArgv: [], env: {} });
  worker.unref();
  worker.on("error", () => {});
  worker.on("exit", () => {
    if (spare?.worker === worker) takeSpare();
  });
  return worker;
}

function takeSpare(): Worker | undefined {
  const taken = spare?.worker;
  clearTimeout(spare?.giveUp);
  spare = undefined;
  return taken;
}

function keepSpare(worker: Worker, ms: number): void {
  const giveUp = setTimeout(() => void takeSpare()?.terminate(), ms).unref();
  spare = { worker, giveUp };
}

// As text, so that it is the same whether it is bundled or not; `isMostlyLost` calls nothing, so its own text does. It decodes as `readableText` does. Long lines are cut around what was found, beside letters.
const SOURCE = `
const { parentPort } = require("node:worker_threads");
const MAX = 300;
const NOT_1252 = ${JSON.stringify(NOT_1252)};
const HIGH_1252 = ${JSON.stringify(HIGH_1252)};
const isMostlyLost = ${isMostlyLost.toString()};
const decode1252 = (bytes) =>
  Buffer.from(bytes).toString("latin1").replace(/[\\u0080-\\u009f]/g, (letter) => HIGH_1252[letter.charCodeAt(0) - 0x80]);
const decode = (bytes) => {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try { return new TextDecoder("utf-8", { fatal: true }).decode(bytes); }
  catch {}
  const text = new TextDecoder().decode(bytes);
  return isMostlyLost(text) && !NOT_1252.some((byte) => bytes.includes(byte)) ? decode1252(bytes) : text;
};
const splits = (text, at) => at > 0 && at < text.length && (text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
const shown = (text, at) => {
  if (text.length <= MAX) return text;
  let from = Math.max(0, Math.min(at - 100, text.length - MAX));
  let to = Math.min(text.length, from + MAX);
  if (splits(text, from)) from += 1;
  if (splits(text, to)) to -= 1;
  return (from > 0 ? "[column " + (from + 1) + "] ..." : "") + text.slice(from, to) + (to < text.length ? "..." : "");
};
parentPort.on("message", ({ source, flags, context: around, id, bytes, most }) => {
  const regex = new RegExp(source, flags);
  const all = decode(bytes).split(/\\r?\\n/);
  if (all.at(-1) === "") all.pop();
  const found = new Map();
  let hits = 0;
  for (let index = 0; index < all.length && hits <= most; index += 1) {
    const match = regex.exec(all[index]);
    if (!match) continue;
    hits += 1;
    for (let at = Math.max(0, index - around); at <= Math.min(all.length - 1, index + around); at += 1)
      if (!found.has(at)) found.set(at, { line: at + 1, text: shown(all[at], 0), isHit: false });
    found.set(index, { line: index + 1, text: shown(all[index], match.index), isHit: true });
  }
  const lines = [...found.values()].sort((a, b) => a.line - b.line);
  const { user = 0, system = 0 } = process.threadCpuUsage?.() ?? {};
  parentPort.postMessage({ id, lines, count: all.length, hits, workMs: (user + system) / 1000 });
});
`;
