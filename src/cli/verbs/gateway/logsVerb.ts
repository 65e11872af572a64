import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import type { Output } from "../../../client/routeClient.ts";
import { isAppError } from "../../../base/appError.ts";
import type { RestClient } from "../../../client/restClient.ts";
import { asClient, type ClientCall, type Verb } from "../../terminal/clientVerb.ts";
import { toCount } from "../../terminal/durations.ts";

export const logs: Verb = (io) => {
  const command = new Command("logs")
    .description("print the newest lines of the gateway's log")
    .option("-n, --lines <count>", "how many", toCount, 50)
    .option("-f, --follow", "go on with what is written from now on, until Ctrl+C");
  return asClient<{ lines: number; follow?: boolean }, []>(io, command, async (call) => {
    const { client, printer, options } = call;
    const first = await client.get("logs.tail", { lines: options.lines });
    const show = (line: Line) => printer.line(printer.json ? JSON.stringify(line) : toText(line));
    if (!options.follow) return printer.result(first, ({ lines }) => lines.forEach(show));
    first.lines.forEach(show);
    await follow(call, first.lines, show);
  });
};

/** Goes on over the gateway's restarts, and with another that takes over. */
async function follow(
  { client, findAgain, printer }: ClientCall<object>,
  before: Line[],
  show: (line: Line) => void,
): Promise<never> {
  let [seen, isAway] = [before, false];
  for (let current: RestClient | undefined = client; ; await sleep(FOLLOW_MS)) {
    try {
      current ??= findAgain();
      const { lines } = await current.get("logs.tail", { lines: 1000 });
      newOnes(seen, lines).forEach(show);
      [seen, isAway] = [lines, false];
    } catch (error) {
      if (!isAppError(error) || (error.code !== "unavailable" && error.code !== "unauthorized")) throw error;
      if (!isAway) printer.note(`${error.message}. What it writes then is waited for, until Ctrl+C`);
      [current, isAway] = [undefined, true];
    }
  }
}

const FOLLOW_MS = 1_000;

type Line = Output<"logs.tail">["lines"][number];

function toText({ time, level, message, fields }: Line): string {
  return `${time} ${level} ${message}${fields ? ` ${JSON.stringify(fields)}` : ""}`;
}

/** What stands after the last line that was seen; all when that one has gone. */
export function newOnes(seen: Line[], lines: Line[]): Line[] {
  const last = JSON.stringify(seen.at(-1));
  return lines.slice(lines.findLastIndex((line) => JSON.stringify(line) === last) + 1);
}
