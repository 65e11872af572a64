import { Command } from "commander";
import { AppError } from "../../../base/appError.ts";
import type { Rule } from "../../../protocol/rule.ts";
import { asClient, type Verb } from "../../terminal/clientVerb.ts";
import type { Io } from "../../terminal/io.ts";
import { relativeTime } from "../../terminal/timeWords.ts";
import { defined } from "../../../base/defined.ts";

export const rules: Verb = (io) =>
  new Command("rules")
    .description("list what may be done unasked or is refused, and change it")
    .addCommand(list(io), { isDefault: true })
    .addCommand(add(io))
    .addCommand(remove(io));

function list(io: Io): Command {
  const command = new Command("list").description("list the rules of openclaw.yml, of sessions and of jobs");
  return asClient<object, []>(io, command, async ({ client, printer }) => {
    printer.result(await client.get("rules.list"), ({ rules: held }) => {
      if (held.length === 0) return printer.note("There are no rules: everything is decided by the mode.");
      printer.table(
        ["FROM", "RULE", "LET RUN LAST", "AS JSON"],
        held.map(({ from, rule, words, sessionKey, job, last }) => [
          from === "configuration" ? "openclaw.yml" : `${from} ${sessionKey ?? job?.name ?? ""}`.trim(),
          words,
          last === null ? undefined : `${last.what}, ${relativeTime(last.at)}`,
          JSON.stringify(rule),
        ]),
      );
    });
  });
}

function add(io: Io): Command {
  const command = new Command("add")
    .description(`write a rule into your openclaw.yml: pincer rules add '{"allow":"exec","command":"npm test"}'`)
    .argument("<rule>");
  return asClient<object, [string]>(io, command, async ({ client, printer }, text) => {
    printer.result(await client.post("rules.add", { rule: toRule(text) }), () => printer.line("Added"));
  });
}

function remove(io: Io): Command {
  const command = new Command("remove")
    .description("take a rule out of your openclaw.yml, or what was allowed for a session")
    .argument("<rule>", "as `pincer rules` prints it in its last column")
    .option("-s, --session <key>", "the session that it was allowed for");
  return asClient<{ session?: string }, [string]>(io, command, async ({ client, printer, options }, text) => {
    const sessionKey = options.session;
    const body = { rule: toRule(text), ...defined({ sessionKey }) };
    printer.result(await client.post("rules.remove", body), () => printer.line("Removed"));
  });
}

/** What it must be is the gateway's to say. */
export function toRule(text: string, what = "the rule"): Rule {
  try {
    return JSON.parse(text) as Rule;
  } catch {
    throw new AppError("bad_request", `${what}: ${text} is not JSON, as {"allow":"exec","command":"npm test"} is`);
  }
}
