/** A page that says nothing for so long is not coming. */
const MOST_MS = 5000;

/** Which session the chat's page shows. One that is being made, as after a reload of the window, has yet to say so. */
export class ShownSession {
  key = "main";
  #page: PromiseWithResolvers<void> | undefined;

  /** A page is being made: what the one before it showed says nothing about it. */
  awaitPage(): void {
    this.#page?.resolve();
    this.#page = Promise.withResolvers();
  }

  say(sessionKey: string): void {
    this.key = sessionKey;
    this.leave();
  }

  /** No page is there or on its way. */
  leave(): void {
    this.#page?.resolve();
    this.#page = undefined;
  }

  /** Resolves when no page is about to say which session it shows. */
  async known(): Promise<void> {
    if (!this.#page) return;
    const timer = setTimeout(() => this.leave(), MOST_MS);
    await this.#page.promise;
    clearTimeout(timer);
  }
}
