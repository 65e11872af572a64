import { createHash } from "node:crypto";
import { type Clock, isoTime } from "../base/clock.ts";
import type { SendRequest } from "../protocol/run.ts";
import type { ModelCatalog } from "./models.ts";
import type { AgentSettings } from "./ports/settings.ts";
import type { Store } from "./ports/store.ts";
import type { SessionBook } from "./sessionBook.ts";

/** What a run answered, for those who ask the same again. */
export interface CachedResponse {
  runId: string;
  sessionKey: string;
  reply: string;
  model: string;
}

/** Answers of earlier runs, kept for scripts that ask the same again and say so. */
export interface ResponseCache {
  /**
   * Names a request: two with the same name ask the same model the same thing, with the same instructions and tools,
   * of the same session or of a new one. What was said in that session before is not part of it.
   */
  keyOf(request: SendRequest): Promise<string>;
  /** The newest answer, when it is no older than this. */
  get(key: string, ttlMs: number): Promise<CachedResponse | undefined>;
  put(key: string, response: CachedResponse): Promise<void>;
}

export function createResponseCache(options: {
  store: Store;
  book: SessionBook;
  models: ModelCatalog;
  settings: () => AgentSettings;
  clock: Clock;
}): ResponseCache {
  const { store, book, models, settings, clock } = options;
  return {
    async keyOf({ text, attachments, sessionKey, parentKey, workspace, model }) {
      const session = sessionKey === undefined ? undefined : await book.get(sessionKey);
      const { instructions, tools } = settings();
      const asked = [
        await models.resolve(model ?? session?.model),
        text,
        attachments,
        sessionKey,
        parentKey,
        workspace,
        instructions,
        tools,
      ];
      // A space apart from idempotency keys, which begin with who sent them.
      return `response ${createHash("sha256")
        .update(JSON.stringify(asked.map((part) => part ?? null)))
        .digest("hex")}`;
    },
    async get(key, ttlMs) {
      const kept = await store.getAnswer(key);
      if (!kept?.answer || clock.now() - Date.parse(kept.createdAt) > ttlMs) return undefined;
      return kept.answer.body as CachedResponse;
    },
    put: (key, body) =>
      store.putAnswer({ key, digest: "", answer: { status: 200, body }, createdAt: isoTime(clock.now()) }),
  };
}
