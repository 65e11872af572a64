/** One thing that a list at the cursor offers. */
export interface Suggestion {
  /** Tells it apart from the others of its list. */
  id: string;
  /** A codicon. */
  icon: string;
  label: string;
  detail?: string;
}

/** What a list at the cursor is filled from: one for each character that opens one. */
export interface SuggestionSource<Item extends Suggestion = Suggestion> {
  /** The list's name, for screen readers. */
  label: string;
  /** What was typed for it, of the text before the cursor, and where that begins; undefined where the list has no business. */
  match(before: string): { query: string; start: number } | undefined;
  find(query: string): Promise<Item[]>;
  /** Takes a choice; what is returned stands in the text in place of what was typed for it. */
  take(item: Item): string;
}

/** The word at the cursor that begins with one of these characters, which stands at the beginning or after a space. */
export function wordAfter(marks: string, before: string): { query: string; start: number } | undefined {
  const start = Math.max(before.lastIndexOf(" "), before.lastIndexOf("\n"), before.lastIndexOf("\t")) + 1;
  const mark = before[start];
  return mark !== undefined && marks.includes(mark) ? { query: before.slice(start + 1), start } : undefined;
}
