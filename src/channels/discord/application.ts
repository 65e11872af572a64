import type { Clock } from "../../base/clock.ts";
import { asking } from "./asking.ts";
import { isAbout } from "./discordPlaces.ts";
import type { DiscordRest } from "./discordRest.ts";
import { applicationShape } from "./discordShapes.ts";

/** The bot's application as Discord has it; nothing of one that the bot may not look at. */
export interface Application {
  /** Asked anew. */
  ask(signal: AbortSignal): Promise<Told>;
  /** What was asked a moment ago, where nobody has taken that; else asked anew. */
  take(signal: AbortSignal): Promise<Told>;
}

type Told = { id?: string | undefined; flags?: number | undefined };

const MOMENT_MS = 30_000;

export function createApplication(rest: DiscordRest, clock: Clock): Application {
  let last: { told: Promise<Told>; at: number } | undefined;
  const ask = async (signal: AbortSignal): Promise<Told> => {
    const call = rest.call<unknown>({ method: "GET", path: "/applications/@me", signal });
    const told = await asking(
      call.catch((error: unknown) => {
        if (isAbout(error)) return undefined;
        throw error;
      }),
    );
    return applicationShape.safeParse(told).data ?? {};
  };
  return {
    ask(signal) {
      last = { told: ask(signal), at: clock.steady() };
      return last.told;
    },
    take(signal) {
      const known = last && clock.steady() - last.at < MOMENT_MS ? last.told : undefined;
      last = undefined;
      return known ?? ask(signal);
    },
  };
}
