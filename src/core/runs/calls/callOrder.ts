import { AppError } from "../../../base/appError.ts";
import { overlaps } from "../../../base/turns/pathLanes.ts";
import { race } from "../../../base/wait.ts";
import type { FileText, Files } from "../../ports/files.ts";
import type { Prepared, ToolEffect } from "../../ports/tool.ts";

/** The calls of one answer in the order in which the model made them. Each entry must end, whatever happens to its call. */
export class CallOrder {
  readonly #entries: CallEntry[] = [];

  add(effect: ToolEffect | undefined): CallEntry {
    const entry = new CallEntry([...this.#entries], effect === undefined || effect === "read");
    this.#entries.push(entry);
    return entry;
  }
}

/** One call's place among the others. */
export class CallEntry {
  readonly isRead: boolean;
  readonly #earlier: CallEntry[];
  readonly #planned = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  #touches: string[] = [];
  #leaves: Prepared["leaves"];
  #outcome: "done" | "failed" | undefined;
  #assumed: CallEntry[] = [];

  constructor(earlier: CallEntry[], isRead: boolean) {
    this.#earlier = earlier;
    this.isRead = isRead;
  }

  /** Resolves when what earlier calls will have done is known: foreseen, or over. A call that only reads need not wait for it. */
  async mayPrepare(signal: AbortSignal): Promise<void> {
    if (this.isRead) return;
    for (const other of this.#changing()) {
      await race(other.#planned.promise, signal);
      const isForeseen = other.#touches.length === 0 || other.#leaves !== undefined;
      if (!isForeseen) await race(other.#ended.promise, signal);
    }
  }

  /** The files as they will be after the earlier calls that are not over yet. */
  foresee(files: Files): Files {
    this.#assumed = this.#changing().filter((other) => other.#outcome === undefined && other.#leaves !== undefined);
    const texts = new Map(this.#assumed.flatMap((other) => [...other.#leaves!]));
    return texts.size === 0 ? files : { ...files, readText: (path) => foreseenText(files, texts, path) };
  }

  /** Whether this call was prepared on top of one that then did not do what was foreseen. */
  wasMisled(): boolean {
    return this.#assumed.some((other) => other.#outcome === "failed");
  }

  plan({ touches, leaves }: Prepared): void {
    this.#touches = touches;
    this.#leaves = leaves;
    this.#planned.resolve();
  }

  /** Resolves when no earlier call is under way that this one has to come after. */
  async mayRun(signal: AbortSignal): Promise<void> {
    for (const other of this.#earlier) {
      await race(other.#planned.promise, signal);
      if (this.#comesAfter(other)) await race(other.#ended.promise, signal);
    }
  }

  end(outcome: "done" | "failed"): void {
    this.#outcome = outcome;
    this.#planned.resolve();
    this.#ended.resolve();
  }

  #comesAfter(other: CallEntry): boolean {
    if (this.isRead) return other.#touches.some(isPath);
    return this.#touches.length > 0 && (other.isRead || overlaps(this.#touches, other.#touches));
  }

  #changing(): CallEntry[] {
    return this.#earlier.filter((other) => !other.isRead);
  }
}

const isPath = (place: string): boolean => /^([\\/]|[A-Za-z]:[\\/])/.test(place);

async function foreseenText(files: Files, texts: Map<string, string | null>, path: string): Promise<FileText> {
  const text = texts.get(path);
  if (text === undefined) return await files.readText(path);
  if (text === null) throw new AppError("not_found", `${path} does not exist`);
  return { text, encoding: "utf-8" };
}
