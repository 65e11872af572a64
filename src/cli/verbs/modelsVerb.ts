import { Command } from "commander";
import { asClient, type Verb } from "../terminal/clientVerb.ts";
import { toTokens } from "../terminal/figures.ts";

export const models: Verb = (io) => {
  const command = new Command("models").description("list the models of all providers, those that are ready first");
  return asClient<object, []>(io, command, async ({ client, printer }) => {
    printer.result(await client.get("models.list"), (answer) =>
      printer.table(
        ["MODEL", "READY", "WINDOW", "IN $/M", "OUT $/M", ""],
        answer.models.map(({ id, ready, windowTokens, price, reason, at }) => [
          id === answer.default ? `${id} (default)` : id,
          ready ? "yes" : "no",
          windowTokens === undefined ? undefined : toTokens(windowTokens),
          price?.inputPerMTok,
          price?.outputPerMTok,
          reason ?? (at ? `only in ${at}` : " "),
        ]),
      ),
    );
  });
};
