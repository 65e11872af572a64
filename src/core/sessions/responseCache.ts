import { createHash } from "node:crypto";
import { type Clock, isoTime } from "../../base/clock.ts";
import type { CachedResponse, ResponseCache } from "../core.ts";
import type { ModelCatalog } from "../models/catalog.ts";
import type { AgentSettings } from "../ports/settings.ts";
import type { Store } from "../ports/store.ts";
import type { SessionCache } from "../state/sessionCache.ts";

export function createResponseCache(options: {
  store: Store;
  sessionCache: SessionCache;
  models: ModelCatalog;
  settings: () => AgentSettings;
  clock: Clock;
}): ResponseCache {
  const { store, sessionCache, models, settings, clock } = options;
  return {
    async keyOf({ text, attachments, sessionKey, parentKey, workspace, model }) {
      const session = sessionKey === undefined ? undefined : await sessionCache.get(sessionKey);
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
