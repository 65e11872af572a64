import type { FieldValue } from "../parts/fieldValue.ts";
import { keep, kept, keptNames } from "./phoneMemory.ts";

const PREFIX = "answers ";

/** What is written into the form of a question, by the names of its fields. */
export function answersTo(id: string): ReadonlyMap<string, FieldValue> {
  return new Map(kept(PREFIX + id) as [string, FieldValue][] | undefined);
}

export function keepAnswers(id: string, written: ReadonlyMap<string, FieldValue>): void {
  keep(PREFIX + id, [...written]);
}

/** What was written for a question that waits no more is nobody's. */
export function keepAnswersOnlyTo(ids: string[]): void {
  const waiting = new Set(ids.map((id) => PREFIX + id));
  for (const name of keptNames()) if (name.startsWith(PREFIX) && !waiting.has(name)) keep(name, undefined);
}
