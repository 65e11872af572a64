import { useRef, useState } from "preact/hooks";
import type { Suggestion, SuggestionSource } from "./suggestion.ts";

interface OpenList {
  source: SuggestionSource;
  start: number;
  query: string;
  items: Suggestion[];
  active: number;
}

interface Written {
  text: string;
  cursor: number;
}

export type Suggestions = ReturnType<typeof useSuggestions>;

/** The list at the cursor, if one is open, and what keys do to it. `write` puts a text and the cursor into the composer. */
export function useSuggestions(sources: SuggestionSource[], write: (written: Written) => void) {
  const [open, setOpen] = useState<OpenList | undefined>();
  const asked = useRef(0);
  /** Where a list was closed by Escape: it stays so until another word. */
  const dismissed = useRef(-1);
  /** Whether one was chosen since the last letter. */
  const hasMoved = useRef(false);

  const close = () => {
    asked.current += 1;
    setOpen(undefined);
  };
  const look = async ({ text, cursor }: Written) => {
    const mine = (asked.current += 1);
    const before = text.slice(0, cursor);
    const found = sources.flatMap((source) => {
      const match = source.match(before);
      return match ? [{ source, ...match }] : [];
    })[0];
    if (found?.start !== dismissed.current) dismissed.current = -1;
    if (!found || dismissed.current === found.start) return setOpen(undefined);
    hasMoved.current = false;
    // The word is as it stands now, also while what fits it is on its way.
    setOpen((now) => (now?.start === found.start ? { ...now, query: found.query } : now));
    const items = await found.source.find(found.query).catch((): Suggestion[] => []);
    // An answer that comes late is about another word.
    if (mine !== asked.current) return;
    setOpen((now) =>
      items.length > 0 ? { ...found, items, active: hasMoved.current ? placeOf(items, now) : 0 } : undefined,
    );
  };
  const take = (index: number, text: string) => {
    const item = open?.items[index];
    if (!open || !item) return;
    const end = open.start + 1 + open.query.length;
    const put = open.source.take(item);
    // What stands beside it is not glued together.
    const rest = put === "" ? text.slice(end).replace(/^ /, "") : text.slice(end);
    close();
    write({ text: text.slice(0, open.start) + put + rest, cursor: open.start + put.length });
  };

  return {
    open,
    look,
    close,
    take,
    move(active: number) {
      hasMoved.current = true;
      setOpen((now) => now && { ...now, active });
    },
    /** Whether the list has taken the key for itself. */
    takeKey(event: KeyboardEvent, text: string): boolean {
      if (!open) return false;
      const count = open.items.length;
      const moves: Record<string, number> = {
        ArrowDown: (open.active + 1) % count,
        ArrowUp: (open.active + count - 1) % count,
        PageDown: Math.min(count - 1, open.active + 8),
        PageUp: Math.max(0, open.active - 8),
      };
      const next = moves[event.key];
      if (next !== undefined) this.move(next);
      else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) take(open.active, text);
      else if (event.key === "Escape") {
        dismissed.current = open.start;
        close();
      } else return false;
      event.preventDefault();
      return true;
    },
  };
}

/** Where among new items the one is that was chosen among those before. */
function placeOf(items: Suggestion[], before: OpenList | undefined): number {
  const chosen = before?.items[before.active];
  return Math.max(
    0,
    items.findIndex(({ label, detail }) => label === chosen?.label && detail === chosen?.detail),
  );
}
