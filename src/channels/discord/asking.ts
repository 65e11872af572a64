import { AppError } from "../../base/appError.ts";
import { DiscordFault } from "./discordRest.ts";

export function refusedToken(why: string): AppError {
  return new AppError("unauthorized", `${why}. The bot's token in channels.discord.token does not count (any more)`);
}

/** A call that nothing goes on without, with what its fault means for the channel. */
export async function asking<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof DiscordFault)) throw error;
    const { message, status, retryAfterMs } = error;
    if (status === 401) throw refusedToken(message);
    if (status === 429) throw new AppError("rate_limited", message, { retryAfterMs: retryAfterMs ?? 1000 });
    throw new AppError("unavailable", message);
  }
}
