import { AppError } from "../../base/appError.ts";
import type { CodeKnowledge } from "../../core/ports/codeKnowledge.ts";

interface Presence {
  readonly isThere: boolean;
  ask<T>(question: () => PromiseLike<T>): Promise<T>;
}

/** What a window's language servers know, for the agent, which works on when the window goes away: `not_found` then. */
export function askedOf(code: CodeKnowledge, presence: Presence): CodeKnowledge {
  const asked =
    <Given extends unknown[], Found>(ask: (...given: Given) => Promise<Found>) =>
    async (...given: Given): Promise<Found> => {
      try {
        return await presence.ask(() => ask(...given));
      } catch (error) {
        if (presence.isThere) throw error;
        throw new AppError("not_found", AWAY);
      }
    };
  return {
    ...code,
    has: (folder) => presence.isThere && code.has(folder),
    // Problems are looked for within a limit, also once a file has been changed: that is not to be told as failed.
    definition: asked(code.definition),
    references: asked(code.references),
    symbols: asked(code.symbols),
    findSymbols: asked(code.findSymbols),
    rename: asked(code.rename),
    format: asked(code.format),
  };
}

const AWAY = "The editor's window is away, and only its language servers know this. Use grep and read.";
