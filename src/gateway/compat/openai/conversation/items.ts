import { badItem, type ItemsPath } from "./badItem.ts";
import type { Content } from "./content.ts";

/** One thing of a conversation as a client tells it, in either API. */
export type Item =
  | { kind: "said"; role: "user" | "assistant"; content: Content }
  | { kind: "instruction"; text: string }
  | { kind: "call"; id: string; name: string; input: string }
  | { kind: "result"; id: string; content: Content }
  /** What a model thought, as far as it was told. */
  | { kind: "thought"; text: string };

/** A turn of a conversation as the client tells it, with everything that went before. */
export interface Conversation {
  path: ItemsPath;
  items: Item[];
}

/**
 * `bad_request` unless each result follows a call of its id, each call has one result before anything else is said, and the
 * last word is the user's or a tool's. `isKnown`: the call was made in an answer that this request goes on from.
 */
export function checkItems(items: Item[], path: ItemsPath, isKnown: boolean): void {
  const open = new Set<string>();
  const answered = new Set<string>();
  for (const item of items) {
    if (item.kind === "call") {
      if (open.has(item.id) || answered.has(item.id))
        throw badItem(path, `The call id ${shown(item.id)} is there twice.`);
      open.add(item.id);
    } else if (item.kind === "result") {
      if (answered.has(item.id)) throw badItem(path, `The call ${shown(item.id)} has two results.`);
      if (!open.delete(item.id) && !isKnown)
        throw badItem(path, `There is a result for the call ${shown(item.id)}, and no such call before it.`);
      answered.add(item.id);
    } else if (item.kind === "said" && open.size > 0) throw missing(open, path);
  }
  if (open.size > 0) throw missing(open, path);
  const last = items.findLast(({ kind }) => kind !== "instruction");
  if (!last) throw badItem(path, `Missing user message in \`${path}\`.`);
  if (last.kind === "result" || (last.kind === "said" && last.role === "user")) return;
  const what = last.kind === "said" ? last.role : "reasoning";
  throw badItem(path, `\`${path}\` must end with the user's message: what follows it (${what}) would not be read.`);
}

export function missing(ids: Iterable<string>, path: ItemsPath): ReturnType<typeof badItem> {
  return badItem(
    path,
    `Each call needs its result before anything else: there is none for ${[...ids].map(shown).join(", ")}.`,
  );
}

const shown = (id: string): string => JSON.stringify(id.slice(0, 80));
