import { BoundedMap } from "../../base/boundedMap.ts";
import { visibleLine } from "../../base/text/visible.ts";
import type { RunEvent } from "../../protocol/event.ts";
import { isRunEvent } from "../../protocol/eventKind.ts";
import type { EventBus } from "../ports/eventBus.ts";

/** What sessions are doing now, as far as this process was told. */
export interface Activities {
  /** In a few words: "exec npm test". Undefined when nothing was told of it since the start. */
  of(sessionKey: string): string | undefined;
}

const KEEP = 5000;

export function createActivities(events: Pick<EventBus, "on">): Activities {
  const known = new BoundedMap<string, string>(KEEP);
  events.on((event) => {
    const words = isRunEvent(event) ? wordsFor(event) : undefined;
    if (isRunEvent(event) && words !== undefined) known.set(event.sessionKey, words);
  });
  return { of: (sessionKey) => known.get(sessionKey) };
}

function wordsFor(event: RunEvent): string | undefined {
  switch (event.type) {
    case "run.started":
    case "run.resumed":
    case "tool.finished":
    case "approval.answered":
      return "thinking";
    case "text.delta":
      return "writing";
    case "tool.started":
      return visibleLine(`${event.name} ${firstText(event.input)}`.trim(), 80);
    case "approval.asked":
      return visibleLine(`waits for approval: ${event.approval.summary}`, 80);
    default:
      return undefined;
  }
}

/** The first text of a call's input is what it is about. */
function firstText(input: unknown): string {
  if (typeof input !== "object" || input === null) return "";
  return Object.values(input).find((value) => typeof value === "string") ?? "";
}
