/** A command in the background, as it is stored while it runs. */
export interface StartedCommand {
  id: string;
  command: string;
  sessionKey: string;
  /** The run that started it. */
  by: string;
  /** The folder that it runs in. */
  workspace: string;
}

/** The end of one, in the order in which ends are stored. */
export interface CommandEnd extends StartedCommand {
  /** Grows with each end. */
  number: number;
  /** When it was stored, in milliseconds since 1970. */
  at: number;
  /** null when it was stopped, and where nobody knows. */
  exitCode: number | null;
  /** Whoever ran it is gone without a word: it may have ended by itself, or with its process. */
  inDoubt?: true;
}

/**
 * `begin`: it runs in the process of this worker, as its queue names it. `end`: once for each id, also where no begin was stored.
 * `drop`: its process ends it, which nobody waits for.
 */
export type CommandChange =
  | { begin: StartedCommand; owner: string }
  | { end: StartedCommand & { exitCode: number | null } }
  | { drop: string };

/** Notes a command that is about to start in the background. Resolves when that is stored. */
export type KeepCommand = (command: Omit<StartedCommand, "id">) => Promise<KeptCommand>;

export interface KeptCommand {
  /** It has ended. Stored, and told, as soon as can be. */
  ended(exitCode: number | null): void;
  /** It did not start. */
  drop(): void;
}
