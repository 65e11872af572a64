import type { Message } from "../message.ts";

/** The message by which a plan holds, the user's own or what told it again; undefined where none was accepted, or the last one was ended. */
export function acceptedPlan<T extends Message>(messages: T[]): T | undefined {
  const last = messages.findLast((message) =>
    message.role === "user" ? message.plan !== undefined : message.role === "system" && message.kind === "plan",
  );
  return last?.role === "system" && last.place === "ended" ? undefined : last;
}
