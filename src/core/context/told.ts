import type { Message, StoredMessage, SystemMessage } from "../../protocol/message.ts";

/** A message that tells what stands in a file: the instructions of a folder, or a skill. Told again once older messages are summed up. */
export type Told = SystemMessage & { kind: "instructions" | "skill"; place: string };

/** Of each file, as it was told last. */
export function toldOf<T extends Message>(messages: T[]): Map<string, T & Told> {
  const told = new Map<string, T & Told>();
  for (const message of messages) if (isTold(message)) told.set(toldKey(message), message);
  return told;
}

/** What a later telling takes the place of. */
export function toldKey({ kind, place }: Pick<Told, "kind" | "place">): string {
  return `${kind} ${place}`;
}

export function isTold<T extends Message>(message: T): message is T & Told {
  if (message.role !== "system" || message.place === undefined) return false;
  return message.kind === "instructions" || message.kind === "skill";
}

// What is told again after a summary must not fill the window by itself.
const MOST_CHARS = 32_000;

/** What of older messages has to be told again, once these are summed up: the newest as far as it is not too long. */
export function toldAgain(dropped: StoredMessage[], kept: StoredMessage[]): Told[] {
  const later = toldOf(kept);
  let chars = 0;
  return [...toldOf(dropped).entries()]
    .filter(([key]) => !later.has(key))
    .map(([, message]) => message)
    .toReversed()
    .filter(({ text }) => (chars += text.length) <= MOST_CHARS)
    .toReversed()
    .map(({ kind, place, text }): Told => ({ role: "system", kind, place, text }));
}
