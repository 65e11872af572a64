import type { Approval, ApprovalDecision } from "./approval.ts";
import type { Job } from "./job.ts";
import type { Message, Origin } from "./message.ts";
import type { RunOutcome } from "./run.ts";
import type { Session } from "./session.ts";
import type { Usage } from "./usage.ts";

/**
 * What happens in a run. run.started first and run.finished last, each exactly once, whatever happens.
 * Deltas may be lost to a slow client; everything else is stored before it is told.
 */
export type RunFact =
  /** Only when it has to wait for another run of its session; its message enters the history at run.started. */
  | { type: "run.queued"; text: string; origin: Origin }
  | { type: "run.started"; model: string; origin: Origin }
  /** The gateway came back and the run goes on from its last journalled step. */
  | { type: "run.resumed" }
  | { type: "run.notice"; text: string }
  | { type: "text.delta"; text: string }
  | { type: "thinking.delta"; text: string }
  | { type: "tool.started"; callId: string; name: string; input: unknown }
  | { type: "tool.progress"; callId: string; text: string }
  /** `origin` where no run tells it: the call was made by hand. */
  | { type: "tool.finished"; callId: string; name: string; isError: boolean; durationMs: number; origin?: Origin }
  | { type: "approval.asked"; approval: Approval }
  | { type: "approval.answered"; approvalId: string; callId: string; decision: ApprovalDecision; by: string }
  | { type: "message"; message: Message }
  /** `model` is what it was used on, where that is not the run's own. */
  | { type: "usage"; usage: Usage; contextTokens: number; model?: string }
  | { type: "run.finished"; outcome: RunOutcome };

/** `seq` counts per session; `id` counts over the whole gateway and is what a client resumes after. `at` is ISO 8601. */
export type RunEvent = RunFact & { id: number; seq: number; runId: string; sessionKey: string; at: string };

/** What changes outside of any run's stream: lists and trees redraw from these. Not stored, so `id` repeats the newest. */
export type StateFact =
  | { type: "session.changed"; session: Session }
  | { type: "session.deleted"; sessionKey: string }
  | { type: "job.changed"; job: Job }
  | { type: "job.deleted"; jobId: string }
  /** A result to show to the user: `sessionKey` is where it came from. */
  | { type: "job.announced"; jobId: string; name: string; status: "ok" | "failed"; text: string; sessionKey?: string }
  | { type: "gateway.changed"; reason: string };

export type StateEvent = StateFact & { id: number; at: string };

export type GatewayEvent = RunEvent | StateEvent;

/** Deltas live in memory until their message is stored. */
export function isDelta(fact: { type: string }): boolean {
  return fact.type === "text.delta" || fact.type === "thinking.delta" || fact.type === "tool.progress";
}

export function isRunEvent(event: GatewayEvent): event is RunEvent {
  return "runId" in event;
}
