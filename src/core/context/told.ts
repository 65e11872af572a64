import { headOf } from "../../base/cutText.ts";
import { acceptedPlan } from "../../protocol/context/acceptedPlan.ts";
import type { Message, StoredMessage, SystemMessage } from "../../protocol/message.ts";

/** A message that tells the instructions of a folder, a skill, or the plan that was accepted. Told again once older messages are summed up. */
export type Told = SystemMessage & { kind: "instructions" | "skill" | "plan"; place: string };

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
  return (
    message.kind === "instructions" ||
    message.kind === "skill" ||
    (message.kind === "plan" && message.place === "accepted")
  );
}

// What is told again after a summary must not fill the window by itself,
const MOST_CHARS = 33_000;
// and one of 32,000 characters, which has a heading and says where it was cut, leaves a place for others.
const MOST_OF_ONE = 32_500;

const MOST_PLAN_CHARS = 20_000;
const LONGEST_NOTE = 50;

/** What of older messages has to be told again, once these are summed up: the newest as far as it is not too long, and the plan. */
export function toldAgain(dropped: StoredMessage[], kept: StoredMessage[]): Told[] {
  const later = toldOf(kept);
  let room = MOST_CHARS;
  const files = [...toldOf(dropped).entries()]
    .filter(([key, { kind }]) => kind !== "plan" && !later.has(key))
    .map(([, { kind, place, text }]): Told => ({ role: "system", kind, place, text: asFarAs(text, MOST_OF_ONE) }))
    .toReversed()
    .filter(({ text }) => {
      const isTaken = text.length <= room;
      if (isTaken) room -= text.length;
      return isTaken;
    })
    .toReversed();
  return [...files, ...planAgain(dropped, kept)];
}

/** The plan that was accepted last, unless what is kept has all of it. A session is at work by one plan at a time. */
function planAgain(dropped: StoredMessage[], kept: StoredMessage[]): Told[] {
  const last = acceptedPlan([...dropped, ...kept]);
  if (!last || (last.role === "system" && kept.includes(last))) return [];
  const text = last.role === "user" ? planWords(last.plan!) : last.text;
  // Where it is only quoted, nothing would tell the next time that it holds.
  if (last.role === "user" && kept.includes(last) && kept.some((message) => message.text.includes(last.plan!)))
    return [];
  return [{ role: "system", kind: "plan", place: "accepted", text }];
}

function planWords(plan: string): string {
  return `The plan that the user accepted, word for word; what of it is done is said elsewhere:\n\n${asFarAs(plan, MOST_PLAN_CHARS)}`;
}

/** With what it says of the rest no longer than `max`, so that the next summary leaves it as it is. */
function asFarAs(text: string, max: number): string {
  if (text.length <= max) return text;
  const head = headOf(text, max - LONGEST_NOTE);
  return `${head}\n\n[${text.length - head.length} more characters are left out]`;
}
