/** What is written in a session and not yet sent. Phones throw pages away that nobody looks at: it is there when they load them again. */
export function draftOf(key: string): string {
  try {
    return sessionStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

/** Nothing where the browser keeps nothing for a page. */
export function keepDraft(key: string, text: string): void {
  try {
    if (text === "") sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, text);
  } catch {
    // It is lost with the page then.
  }
}

export function forgetDrafts(): void {
  try {
    sessionStorage.clear();
  } catch {
    // There are none.
  }
}
