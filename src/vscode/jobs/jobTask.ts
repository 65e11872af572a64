import type { Payload } from "../../protocol/job.ts";

/** What a job's firing is told to do. */
export function taskText(payload: Payload): string {
  if (payload.kind === "agentTurn") return payload.message;
  return payload.kind === "systemEvent" ? payload.text : (payload.instructions ?? "");
}

export function withText(payload: Payload, text: string): Payload {
  if (payload.kind === "agentTurn") return { kind: "agentTurn", message: text };
  return payload.kind === "systemEvent" ? { kind: "systemEvent", text } : { kind: "heartbeat", instructions: text };
}
