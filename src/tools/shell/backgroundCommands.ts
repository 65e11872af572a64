import { AppError } from "../../base/appError.ts";
import type { Emitter } from "../../base/emitter.ts";
import type { KeepCommand, KeptCommand } from "../../core/ports/commandRows.ts";
import type { Child, ChildOutcome } from "./child.ts";

/** A command that goes on while the session does other things. */
export interface BackgroundCommand {
  id: string;
  sessionKey: string;
  /** The run that started it. */
  runId: string;
  workspace: string;
  command: string;
  child: Child;
  /** Tells that it has printed something. */
  printed: Emitter<void>;
  /** What it was refused until now of the network that a grant would allow. */
  lacked(): string | undefined;
  /** Absent while it runs. */
  outcome?: ChildOutcome;
}

const MAX_RUNNING = 8;
const MAX_KEPT = 32;

/**
 * The commands that run in the background, by session. They end when they are stopped, when the run that started them
 * is cancelled, and in any case with this process.
 */
export class BackgroundCommands {
  readonly #all = new Map<string, BackgroundCommand>();
  readonly #starting = new Map<string, number>();
  #last = 0;

  /**
   * Starts one and keeps it. Rejects with `conflict` when the session has too many already: those that are just being
   * started count too, for many may be asked for at once. It is noted by `keep` before it starts.
   */
  async start(
    { sessionKey, ...about }: Omit<BackgroundCommand, "id" | "child" | "outcome">,
    start: () => Promise<Child>,
    keep?: KeepCommand,
  ): Promise<BackgroundCommand> {
    const running = this.list(sessionKey).filter((one) => !one.outcome);
    const starting = this.#starting.get(sessionKey) ?? 0;
    if (running.length + starting >= MAX_RUNNING)
      throw new AppError(
        "conflict",
        `${running.length + starting} commands run in the background already; stop one: ${running.map((one) => one.id).join(", ")}`,
      );
    this.#starting.set(sessionKey, starting + 1);
    let kept: KeptCommand | undefined;
    try {
      const { command, runId: by, workspace } = about;
      kept = await keep?.({ command, sessionKey, by, workspace });
      const added = this.#add({ sessionKey, ...about }, await start());
      void added.child.outcome.then(({ timedOut, exitCode }) => kept?.ended(timedOut ? null : exitCode));
      return added;
    } catch (error) {
      kept?.drop();
      throw error;
    } finally {
      this.#starting.set(sessionKey, this.#starting.get(sessionKey)! - 1);
      if (this.#starting.get(sessionKey) === 0) this.#starting.delete(sessionKey);
    }
  }

  isAnyRunning(): boolean {
    return [...this.#all.values()].some(({ outcome }) => !outcome);
  }

  #add(about: Omit<BackgroundCommand, "id" | "child" | "outcome">, child: Child): BackgroundCommand {
    const added: BackgroundCommand = { id: `bg${(this.#last += 1)}`, ...about, child };
    this.#all.set(added.id, added);
    void child.outcome.then((outcome) => {
      added.outcome = outcome;
    });
    this.#forgetOldest();
    return added;
  }

  /** Rejects with `not_found` for another session's. */
  get(sessionKey: string, id: string): BackgroundCommand {
    const found = this.#all.get(id);
    if (found?.sessionKey === sessionKey) return found;
    const ids = this.list(sessionKey).map((one) => one.id);
    throw new AppError(
      "not_found",
      `No background command ${id}${ids.length > 0 ? `; there are ${ids.join(", ")}` : ""}`,
    );
  }

  list(sessionKey: string): BackgroundCommand[] {
    return [...this.#all.values()].filter((one) => one.sessionKey === sessionKey);
  }

  /** Ends all, or a session's. */
  async stop(sessionKey?: string): Promise<void> {
    const wanted = [...this.#all.values()].filter((one) => sessionKey === undefined || one.sessionKey === sessionKey);
    await Promise.all(
      wanted.filter((one) => !one.outcome).map(async (one) => (await one.child.stop(), await one.child.outcome)),
    );
    for (const one of wanted) this.#all.delete(one.id);
  }

  #forgetOldest(): void {
    for (const one of this.#all.values()) {
      if (this.#all.size <= MAX_KEPT) return;
      if (one.outcome) this.#all.delete(one.id);
    }
  }
}

/** Those of the exec tool; the app stops them when it shuts down. */
export const backgroundCommands = new BackgroundCommands();
