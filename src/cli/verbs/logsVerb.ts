import { Command } from "commander";
import { asClient, type Verb } from "../terminal/clientVerb.ts";
import { toCount } from "../terminal/durations.ts";

export const logs: Verb = (io) => {
  const command = new Command("logs")
    .description("print the newest lines of the gateway's log")
    .option("-n, --lines <count>", "how many", toCount, 50);
  return asClient<{ lines: number }, []>(io, command, async ({ client, printer, options }) => {
    printer.answer(await client.get("logs.tail", { lines: options.lines }), ({ lines }) => {
      for (const { time, level, message, fields } of lines)
        printer.line(`${time} ${level} ${message}${fields ? ` ${JSON.stringify(fields)}` : ""}`);
    });
  });
};
