import type { Session } from "../../protocol/session.ts";

/** The sessions the tree knows of: a page or more of the list, kept up to date by events. */
export class SessionRows {
  readonly #rows = new Map<string, Session>();
  #nextCursor: string | undefined;

  /** True while the gateway has older sessions that were not asked for yet. */
  get hasMore(): boolean {
    return this.#nextCursor !== undefined;
  }

  get nextCursor(): string | undefined {
    return this.#nextCursor;
  }

  reset(): void {
    this.#rows.clear();
    this.#nextCursor = undefined;
  }

  addPage(page: { sessions: Session[]; nextCursor?: string | undefined }): void {
    for (const session of page.sessions) this.put(session);
    this.#nextCursor = page.nextCursor;
  }

  put(session: Session): void {
    this.#rows.set(session.key, session);
  }

  /** With its children, as the gateway does. */
  delete(key: string): void {
    this.#rows.delete(key);
    for (const child of this.children(key)) this.delete(child.key);
  }

  get(key: string): Session | undefined {
    return this.#rows.get(key);
  }

  parent(key: string): Session | undefined {
    const parentKey = this.#rows.get(key)?.parentKey;
    return parentKey ? this.#rows.get(parentKey) : undefined;
  }

  /** "main" first, then what is pinned, then the newest. A child whose parent is on a later page stands at the root until that is loaded. */
  roots(): Session[] {
    return this.#tops()
      .filter(({ archived }) => !archived)
      .sort((a, b) => rank(a) - rank(b) || newestFirst(a, b));
  }

  /** What was put away, the newest first. */
  archived(): Session[] {
    return this.#tops()
      .filter(({ archived }) => archived)
      .sort(newestFirst);
  }

  #tops(): Session[] {
    return [...this.#rows.values()].filter((row) => !this.parent(row.key));
  }

  children(key: string): Session[] {
    return [...this.#rows.values()].filter((row) => row.parentKey === key && row.key !== key).sort(newestFirst);
  }

  countBusy(): number {
    return [...this.#rows.values()].filter((row) => row.state === "running").length;
  }
}

function rank({ kind, pinned }: Session): number {
  return kind === "main" ? 0 : pinned ? 1 : 2;
}

function newestFirst(a: Session, b: Session): number {
  return b.updatedAt.localeCompare(a.updatedAt) || a.key.localeCompare(b.key);
}
