import { Command } from "commander";
import { asClient, type Verb } from "../../terminal/clientVerb.ts";

export const instructions: Verb = (io) => {
  const command = new Command("instructions")
    .description("list the files of instructions (AGENTS.md) that a session's model is told")
    .argument("[key]", "the session", "main")
    .option("--text", "with what they say");
  return asClient<{ text?: boolean }, [string]>(io, command, async ({ client, printer, options }, sessionKey) => {
    printer.result(await client.get("instructions.list", { sessionKey }), ({ instructions: files }) => {
      if (options.text) for (const { path, text, problem } of files) printer.line(`${path}\n\n${problem ?? text}\n`);
      else
        printer.table(
          ["NAME", "FROM", "CHARACTERS", "PROBLEM", "PATH"],
          files.map(({ name, from, text, problem, path }) => [name, from, text.length, problem, path]),
        );
    });
  });
};
