import { computed, effect, signal } from "@preact/signals";
import type { Row } from "./rows.ts";
import type { PanelSession } from "./sessionState.ts";

const PAGE = 1000;

/** Where words stand: in which row, and which of their places in it. */
export interface Match {
  key: string;
  nth: number;
}

export type Find = ReturnType<typeof createFind>;

/** Finds words in all that was said in the shown session, however far back. */
export function createFind(session: PanelSession) {
  const isOpen = signal(false);
  const asked = signal(0);
  const words = signal("");
  const isLoading = signal(false);
  /** Counted from the newest, so that older messages which come in change nothing; undefined: where it begins. */
  const fromEnd = signal(0);
  const matches = computed(() =>
    isOpen.value && words.value !== "" ? listMatches(session.rows.value, words.value) : [],
  );
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

function listMatches(rows: Row[], words: string): Match[] {
  const word = fold(words);
  return rows.flatMap((row) => placesOf(fold(textOf(row)), word).map((_, nth) => ({ key: row.key, nth })));
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
  return small.length === text.length ? small : text;
}

const plain = new WeakMap<object, string>();

/** What of a row is read as text. What tools took and gave is closed, and is not looked through. */
function textOf(row: Row): string {
  switch (row.type) {
    case "user":
    case "assistant": {
      let text = plain.get(row.message);
      if (text === undefined) plain.set(row.message, (text = withoutMarks(row.message.text)));
      return text;
    }
    case "system":
      return row.message.text;
    case "notice":
    case "pending":
      return row.text;
    default:
      return "";
  }
}

/** Markdown without the marks that are drawn as something else: of a link its words, of bold text the text. */
function withoutMarks(text: string): string {
  return text.replaceAll(/\]\([^()\s]{0,2000}\)/g, "").replaceAll(/[*`[\]]|^#{1,6} /gm, "");
}
