import { Command } from "commander";
import type { Output } from "../../../client/routeClient.ts";
import { asClient, type Verb } from "../../terminal/clientVerb.ts";
import { toCount } from "../../terminal/durations.ts";
import type { Io } from "../../terminal/io.ts";
import { toPrinted } from "../../terminal/schemaFile.ts";
import { relativeTime } from "../../terminal/timeWords.ts";

export const runs: Verb = (io) =>
  new Command("runs")
    .description("list runs, look at one, report what it did, cancel one")
    .addCommand(list(io), { isDefault: true })
    .addCommand(get(io))
    .addCommand(report(io))
    .addCommand(cancel(io));

function list(io: Io): Command {
  const command = new Command("list")
    .description("list runs, newest first")
    .option("-s, --session <key>", "of one session only")
    .option("-n, --limit <count>", "how many", toCount, 20);
  return asClient<{ session?: string; limit: number }, []>(io, command, async ({ client, printer, options }) => {
    const query = { sessionKey: options.session, limit: options.limit };
    printer.result(await client.get("runs.list", query), (answer) =>
      printer.table(
        ["RUN", "SESSION", "STATE", "ENDED", "CREATED"],
        answer.runs.map((run) => [
          run.runId,
          run.sessionKey,
          run.state,
          run.outcome?.type,
          relativeTime(run.createdAt),
        ]),
      ),
    );
  });
}

function get(io: Io): Command {
  const command = new Command("get").description("print one run and how it ended").argument("<id>");
  return asClient<object, [string]>(io, command, async ({ client, printer }, runId) => {
    printer.result(await client.get("runs.get", { runId }), ({ run }) => {
      printer.facts([
        ["Run", run.runId],
        ["Session", run.sessionKey],
        ["State", run.state],
        ["Ended", run.outcome?.type],
      ]);
      const said = toSaid(run);
      if (said) printer.line(said);
    });
  });
}

function report(io: Io): Command {
  const command = new Command("report").description("print what one run did, as Markdown").argument("<id>");
  return asClient<object, [string]>(io, command, async ({ client, printer }, runId) => {
    printer.result(await client.get("runs.report", { runId }), ({ markdown }) => printer.text(markdown));
  });
}

function cancel(io: Io): Command {
  const command = new Command("cancel").description("cancel a run").argument("<id>");
  return asClient<object, [string]>(io, command, async ({ client, printer }, runId) => {
    printer.result(await client.post("runs.cancel", { runId }), ({ cancelled }) =>
      printer.line(cancelled ? `${runId} is cancelled` : `${runId} had ended already`),
    );
  });
}

function toSaid({ outcome }: Output<"runs.get">["run"]): string | undefined {
  if (outcome?.type === "failed") return outcome.error.message;
  return outcome && "reply" in outcome ? (toPrinted(outcome) ?? undefined) : undefined;
}
