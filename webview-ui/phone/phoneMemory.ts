/** What the page keeps for itself, as JSON by a name. Phones throw pages away that nobody looks at: it is there when they load them again. */
export function kept(name: string): unknown {
  try {
    return JSON.parse(sessionStorage.getItem(name) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

/** `undefined` takes away what was kept. Nothing is kept where the browser keeps nothing for a page. */
export function keep(name: string, value: unknown): void {
  try {
    if (value === undefined) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, JSON.stringify(value));
  } catch {
    // It is lost with the page then.
  }
}

export function keptNames(): string[] {
  try {
    return Object.keys(sessionStorage);
  } catch {
    return [];
  }
}

export function forgetKept(): void {
  for (const name of keptNames()) keep(name, undefined);
}
