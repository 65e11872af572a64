import type { RunEvent } from "../../protocol/event.ts";
import type { Message } from "../../protocol/message.ts";
import type { Store } from "../ports/store.ts";

const PAGE = 20;

/** What a session begins with, by whose run it is known from what it was before a reset; undefined where nothing is said in it. */
export async function firstSaid(store: Store, sessionKey: string): Promise<RunEvent | undefined> {
  let afterId = 0;
  for (;;) {
    const events = await store.listEvents({ afterId, sessionKey, limit: PAGE });
    const first = events.find((event) => event.type === "message" && isSaid(event.message));
    if (first || events.length < PAGE) return first;
    afterId = events.at(-1)!.id;
  }
}

/** Not what is a note for the model: summaries and instruction files are made anew where they are needed. */
export function isSaid(message: Message): boolean {
  return message.role !== "system" || message.kind === "event";
}
