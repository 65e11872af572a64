import { computed, effect, signal } from "@preact/signals";
import type { Row } from "./rows.ts";
import type { PanelSession } from "./sessionState.ts";

const PAGE = 1000;
/** So long messages are read at a time; the others are looked through as they were written until their turn. */
const READ_MS = 40;

/** Where words stand: in which row, and which of their places in it. */
export interface Match {
  key: string;
  nth: number;
}

export type Find = ReturnType<typeof createFind>;

/** What is read of a text where it is drawn. `isTyped`: somebody typed it. */
type Draw = (text: string, isTyped: boolean) => string;

/** Finds words in all that was said in the shown session, however far back. */
export function createFind(session: PanelSession, draw: Draw) {
  const isOpen = signal(false);
  const asked = signal(0);
  const words = signal("");
  const isLoading = signal(false);
  /** Counted from the newest, so that older messages which come in change nothing; undefined: where it begins. */
  const fromEnd = signal(0);
  /** Counts how often more was read. */
  const read = signal(0);
  let reading: ReturnType<typeof setTimeout> | undefined;
  const matches = computed(() => {
    if (!isOpen.value || words.value === "") return [];
    const { value: count } = read;
    const { found, isWhole } = listMatches(session.rows.value, words.value, draw);
    clearTimeout(reading);
    if (!isWhole) reading = setTimeout(() => (read.value = count + 1));
    return found;
  });
  const at = computed(() => matches.value.length - 1 - Math.min(fromEnd.value, matches.value.length - 1));

  // Another session is looked through from its own beginning.
  effect(() => {
    if (isOpen.value && session.phase.value === "ready") void loadAll();
  });

  async function loadAll(): Promise<void> {
    if (isLoading.peek()) return;
    isLoading.value = true;
    for (;;) {
      const oldest = session.state.messages.peek()[0]?.seq;
      await session.loadOlder(PAGE);
      // What failed is told above the composer, and not asked for again.
      if (!isOpen.peek() || session.state.messages.peek()[0]?.seq === oldest) break;
    }
    isLoading.value = false;
  }

  const move = (by: number) => {
    const count = matches.value.length;
    if (count > 0) fromEnd.value = (fromEnd.value - by + count) % count;
  };
  return {
    isOpen,
    words,
    isLoading,
    matches,
    /** Index of the match that is shown, among all. */
    at,
    current: computed((): Match | undefined => matches.value[at.value]),
    look(next: string) {
      words.value = next;
      fromEnd.value = 0;
    },
    next: () => move(1),
    previous: () => move(-1),
    /** Counts how often it was asked for: also an open bar takes the keyboard then. */
    asked,
    open() {
      isOpen.value = true;
      asked.value += 1;
    },
    close: () => (isOpen.value = false),
  };
}

/** Where words stand in rows, and whether all of these are read by now. */
function listMatches(rows: Row[], words: string, draw: Draw): { found: Match[]; isWhole: boolean } {
  const word = fold(words);
  const end = performance.now() + READ_MS;
  let isWhole = true;
  // The newest first, of which one is shown.
  const found = rows.toReversed().flatMap((row) => {
    if (isUnread(row) && performance.now() < end) drawn.set(row.message, draw(row.message.text, row.type === "user"));
    isWhole &&= !isUnread(row);
    return placesOf(fold(textOf(row)), word)
      .map((_, nth) => ({ key: row.key, nth }))
      .toReversed();
  });
  return { found: found.toReversed(), isWhole };
}

/** Where a word begins in a text; both folded. */
export function placesOf(text: string, word: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) places.push(at);
  return places;
}

/** In small letters, and of the same length, so that places in it are places in the text. */
export function fold(text: string): string {
  const small = text.toLowerCase();
  if (small.length === text.length) return small;
  // The small one of "İ" are two.
  return Array.from(text, (letter) => letter.toLowerCase().slice(0, letter.length)).join("");
}

/** Messages as they are drawn. */
const drawn = new WeakMap<object, string>();

function isUnread(row: Row): row is Extract<Row, { type: "user" | "assistant" }> {
  return (row.type === "user" || row.type === "assistant") && !drawn.has(row.message);
}

/** What of a row is read as text. What tools took and gave is closed, and is not looked through. */
function textOf(row: Row): string {
  switch (row.type) {
    case "user":
    case "assistant":
      return drawn.get(row.message) ?? row.message.text;
    case "system":
      return row.message.text;
    case "notice":
    case "pending":
      return row.text;
    default:
      return "";
  }
}
