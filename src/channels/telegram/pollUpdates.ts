import { AppError, isAppError } from "../../base/appError.ts";
import type { Cursor, Received } from "../channel.ts";
import { asking } from "./askTelegram.ts";
import type { BotApi } from "./botApi.ts";
import { readUpdate } from "./readUpdate.ts";
import { type Bot, WANTED } from "./telegramShapes.ts";
import type { Registration } from "./registration.ts";

/** Long polling. */
export interface Polling {
  /** See Channel.receive. */
  receive(bot: Bot, cursor: Cursor | undefined, signal: AbortSignal): Promise<Received>;
  /** Messages came in another way before: no number of theirs says how far they were taken. */
  begin(): void;
}

interface PollingOptions {
  api: BotApi;
  registration: Registration;
  pollSeconds: number;
}

export function createPolling({ api, registration, pollSeconds }: PollingOptions): Polling {
  // Numbers from before say nothing of those of another server, or of a bot whose token is another now: what was not acknowledged
  // comes again at first, and what of it was taken counts once.
  let isFirst = true;
  const ask = async (params: Record<string, unknown>, signal: AbortSignal): Promise<unknown> =>
    asking(api.call<unknown>("getUpdates", params, { signal, timeoutMs: pollSeconds * 1000 + 15_000 }));
  return {
    async receive(bot, cursor, signal) {
      const params = {
        timeout: pollSeconds,
        allowed_updates: WANTED,
        ...(cursor === undefined || isFirst ? {} : { offset: cursor }),
      };
      const got = await ask(params, signal).catch(async (error: unknown) => {
        // Left by a process that was killed, or while nobody could be reached: who set it may delete it.
        const isOwn = isAppError(error) && error.code === "conflict" && (await registration.deleteOwn(bot, signal));
        if (!isOwn) throw error;
        return ask(params, signal);
      });
      if (!Array.isArray(got))
        throw new AppError("unavailable", "What answered getUpdates is not Telegram: it is no list");
      const updates = got.flatMap((one) => readUpdate(one, bot) ?? []).toSorted((a, b) => Number(a.id) - Number(b.id));
      if (updates.length === 0 && got.length > 0)
        throw new AppError("unavailable", "Telegram gave something without a number, which nobody can take");
      const last = updates.at(-1);
      const before = isFirst ? 0 : Number(cursor ?? 0);
      if (last) isFirst = false;
      return { updates, cursor: last ? Math.max(Number(last.id) + 1, before) : cursor };
    },
    begin() {
      isFirst = true;
    },
  };
}
