import { Command } from "commander";
import { asClient, type Verb } from "../../terminal/clientVerb.ts";

export const prompts: Verb = (io) => {
  const command = new Command("prompts")
    .description("list the prompts that `send --prompt` knows: files, and skills that people may name")
    .argument("[key]", "the session in whose folder they are looked for", "main");
  return asClient<object, [string]>(io, command, async ({ client, printer }, sessionKey) => {
    printer.result(await client.get("prompts.list", { sessionKey }), (result) =>
      printer.table(
        ["NAME", "KIND", "FROM", "ARGUMENTS", "PROBLEM", "DESCRIPTION"],
        result.prompts.map(({ name, kind, from, inputs, argumentHint, problem, description }) => [
          name,
          kind,
          from,
          argumentHint ?? inputs.map((input) => input.name).join(" "),
          problem,
          description,
        ]),
      ),
    );
  });
};
