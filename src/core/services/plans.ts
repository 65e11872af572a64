import type { Run, StoredWith } from "./submittedRun.ts";
import type { IdempotencyRecord } from "../ports/batch.ts";
import type { Origin } from "../../protocol/message.ts";

/** What runs that may only look have written, and a person's word that it be done. */
export interface Plans {
  /** The plan that a session waits with; undefined where its newest run made none, or is at it. */
  find(sessionKey: string): Promise<Plan | undefined>;
  /** The same, where there is to be one: else `not_found`. */
  get(sessionKey: string): Promise<Plan>;
  /** Has it carried out by a run that may do what any run of the session may; `conflict` when another plan waits by now. */
  accept(acceptance: Acceptance, kept?: StoredWith): Promise<Run>;
  /** The model is told that the plan which was accepted last is over, and of the plan no more. `not_found` where none holds, `conflict` under a run. */
  end(ending: { sessionKey: string; origin: Origin; answers?: IdempotencyRecord[] }): Promise<void>;
}

export interface Plan {
  /** The run that wrote it. */
  runId: string;
  sessionKey: string;
  text: string;
  /** Until it is accepted, every run of the session may only look. */
  holds: boolean;
}

export interface Acceptance {
  sessionKey: string;
  origin: Origin;
  /** The plan that was read; the one that waits when not given. */
  runId?: string;
  /** The plan as it was edited; as it was written when not given. */
  text?: string;
  model?: string;
  /** Whether a session's mode ends with it, where that is `plan`; else such a session is `forbidden`. */
  endsMode: boolean;
}
