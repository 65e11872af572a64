import { AppError } from "../../base/appError.ts";
import { BotFault } from "./botApi.ts";

export function refusedToken(why: string): AppError {
  return new AppError("unauthorized", `${why}. The bot's token in channels.telegram.token does not count (any more)`);
}

/** A call that nothing goes on without, with what its fault means for the channel. */
export async function asking<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof BotFault)) throw error;
    const { message, status, retryAfterMs } = error;
    if (status === 401 || status === 404) throw refusedToken(message);
    if (status === 409) throw new AppError("conflict", `${message}. ${conflictWords(message)}`);
    if (status === 429) throw new AppError("rate_limited", message, { retryAfterMs: retryAfterMs ?? 1000 });
    throw new AppError("unavailable", message);
  }
}

/** Telegram says which of both it is. */
function conflictWords(said: string): string {
  return /webhook/i.test(said)
    ? "A webhook is set for this bot, which takes its messages: `pincer channels restart --delete-webhook` deletes it"
    : "Another program takes this bot's messages";
}
