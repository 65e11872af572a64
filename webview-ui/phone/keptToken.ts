/**
 * Where the token lies. A cookie would be sent by itself, also with what other sites have a browser ask, and the gateway takes
 * none; whatever script could read this could read any other place of the page too, and the page's policy lets none but its own run.
 */
const TOKEN = "pincer.token";
/**
 * The token that is none any more. It is noted beside, not taken away: what another page has stored may be heard of late, and a page that
 * took away what it takes for the old one would take the new one.
 */
const LOST = "pincer.lostToken";

/** A browser may keep nothing for a page; then it is paired for as long as it is open. */
export function keptToken(): string | undefined {
  try {
    const kept = localStorage.getItem(TOKEN);
    return kept === null || kept === localStorage.getItem(LOST) ? undefined : kept;
  } catch {
    return undefined;
  }
}

/** False where nothing is kept. */
export function keepToken(value: string | undefined): boolean {
  try {
    if (value === undefined) localStorage.removeItem(TOKEN);
    else localStorage.setItem(TOKEN, value);
    return true;
  } catch {
    return false;
  }
}

export function noteLost(used: string): void {
  try {
    localStorage.setItem(LOST, used);
  } catch {
    // Where nothing is kept nothing is lost.
  }
}

/** Another page of this browser may have come in anew, or been removed. */
export function onTokenStored(listener: () => void): void {
  addEventListener("storage", ({ key }) => (key === TOKEN || key === LOST || key === null) && listener());
}

/** Resolves when another page of this browser has stored something, at the latest after `ms`. */
export function untilStored(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      removeEventListener("storage", over);
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(over, ms);
    addEventListener("storage", over);
  });
}
