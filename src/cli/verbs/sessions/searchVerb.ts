import { Command } from "commander";
import { asClient } from "../../terminal/clientVerb.ts";
import { toCount } from "../../terminal/durations.ts";
import type { Io } from "../../terminal/io.ts";
import { relativeTime } from "../../terminal/timeWords.ts";

interface SearchOptions {
  limit: number;
  session?: string;
}

/** `pincer sessions search`: what users and assistants wrote, found by its words. */
export function searchVerb(io: Io): Command {
  const command = new Command("search")
    .description("find what was written: messages with every word, newest sessions first")
    .argument("<words...>", 'words, and phrases in "double quotes"')
    .option("-n, --limit <count>", "most sessions; with --session, most messages", toCount, 20)
    .option("--session <key>", "only in this session, all of its messages");
  return asClient<SearchOptions, [string[]]>(io, command, async ({ client, printer, options }, words) => {
    const { limit, session } = options;
    // What the shell took for one word is one phrase.
    const query = words.map((word) => (/\s/.test(word) && !word.includes('"') ? `"${word}"` : word)).join(" ");
    const answer = await client.get("sessions.search", { query, limit, sessionKey: session });
    printer.result(answer, ({ results, nextCursor }) => {
      if (results.length === 0) printer.note("Nothing was found");
      for (const { session: found, matchCount, matches } of results) {
        const many = matchCount === 1 ? "1 message" : `${matchCount} messages`;
        printer.line(`${found.key}  ${found.title ?? ""}  (${many}, ${relativeTime(found.updatedAt)})`);
        for (const { seq, role, snippet } of matches) printer.line(`  ${seq} ${role}: ${snippet}`);
      }
      if (nextCursor !== undefined) printer.note("There are more: ask for more with --limit, or with more words");
    });
  });
}
