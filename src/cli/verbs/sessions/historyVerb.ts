import { Command } from "commander";
import type { Output } from "../../../client/routeClient.ts";
import { asClient, type Verb } from "../../terminal/clientVerb.ts";
import { toCount } from "../../terminal/durations.ts";
import { relativeTime } from "../../terminal/timeWords.ts";

export const history: Verb = (io) => {
  const command = new Command("history")
    .description("print a session's newest messages, oldest first")
    .argument("[key]", "the session", "main")
    .option("-n, --limit <count>", "how many", toCount, 50)
    .option("--tools", "also what tools were called and said");
  return asClient<{ limit: number; tools?: boolean }, [string]>(
    io,
    command,
    async ({ client, printer, options }, sessionKey) => {
      const query = { sessionKey, limit: options.limit, includeTools: options.tools === true };
      printer.result(await client.get("sessions.history", query), ({ messages, hasMore }) => {
        if (hasMore) printer.note("There are older messages; see them with a higher --limit.");
        for (const message of messages) printer.line(toParagraph(message));
      });
    },
  );
};

function toParagraph({
  role,
  name,
  text,
  toolCalls = [],
  createdAt,
}: Output<"sessions.history">["messages"][number]): string {
  const calls = toolCalls.map((call) => `[${call.name}]`).join(" ");
  return `${name ?? role} (${relativeTime(createdAt)})\n${[text.trimEnd(), calls].filter(Boolean).join("\n")}\n`;
}
