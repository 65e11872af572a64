import { defined } from "../../base/defined.ts";
import { AppError } from "../../base/appError.ts";
import type { RunPlace } from "../../protocol/run.ts";
import { TREE_LIMITS } from "../../protocol/run.ts";
import type { Admission } from "../ports/batch.ts";
import type { AgentSettings } from "../ports/settings.ts";

/** Holds the runs that other runs start to the ceilings of the whole tree they belong to. */
export interface TreeAdmission {
  /**
   * What the store checks in the transaction that puts the run down, so that calls side by side cannot pass a ceiling
   * together. `conflict`, here or there, says which one was reached and what to do instead.
   */
  admission(place: RunPlace): Admission & {
    /** What is left of each ceiling, once it was checked. */
    room(): TreeRoom | undefined;
  };
}

/** How many more the tree of a run may hold. */
export interface TreeRoom {
  depth: number;
  running: number;
  runs: number;
}

export function createTreeAdmission(settings: () => AgentSettings): TreeAdmission {
  return {
    admission(place) {
      const { tree: limits = TREE_LIMITS } = settings();
      const { depth = 0, chain, root, top } = place;
      if (depth > limits.depth) {
        throw refusal(
          `Sub-agents may be nested ${limits.depth} deep (agent.maxDepth), and this one would be at ${depth}. Do the task here instead of handing it on.`,
        );
      }
      if (chain > limits.chain) {
        throw refusal(
          `${limits.chain} messages in a row went from session to session without a person among them, which is the limit (agent.maxChain). Do not send on; end with what there is to say.`,
        );
      }
      let room: TreeRoom | undefined;
      return {
        room: () => room,
        ...defined({ root, top }),
        check({ total, unfinished }) {
          if (total >= limits.runs) {
            throw refusal(
              `One message may lead to ${limits.runs} runs in other sessions (agent.maxRuns), and this one has. Finish with what there is, and say what is left to do.`,
            );
          }
          if (unfinished >= limits.running) {
            throw refusal(
              `${unfinished} sub-agents and sent messages are at work or wait in this tree of runs, and ${limits.running} at once is the limit (agent.maxRunning). Wait until one has ended, or do this here.`,
            );
          }
          room = {
            depth: limits.depth - depth,
            running: limits.running - unfinished - 1,
            runs: limits.runs - total - 1,
          };
        },
      };
    },
  };
}

function refusal(message: string): AppError {
  return new AppError("conflict", message);
}
