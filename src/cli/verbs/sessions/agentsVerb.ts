import { Command } from "commander";
import { AppError } from "../../../base/appError.ts";
import { asClient, type Verb } from "../../terminal/clientVerb.ts";
import type { Io } from "../../terminal/io.ts";
import { toFolderThere } from "../../terminal/givenPlaces.ts";

export const agents: Verb = (io) =>
  new Command("agents")
    .description("list the agents that files describe, confirm a workspace's")
    .addCommand(list(io), { isDefault: true })
    .addCommand(confirm(io));

interface AgentOptions {
  workspace?: string;
}

function list(io: Io): Command {
  const command = new Command("list")
    .description("list agents, by name")
    .option("-w, --workspace <dir>", "folder whose agents are meant", toFolderThere);
  return asClient<AgentOptions, []>(io, command, async ({ client, printer, options }) => {
    printer.result(await client.get("agents.list", { workspace: options.workspace }), (result) =>
      printer.table(
        ["NAME", "FROM", "CONFIRMED", "MODEL", "EFFORT", "TOOLS", "DESCRIPTION"],
        result.agents.map(({ name, from, confirmed, model, effort, tools, description, problem, path }) => [
          name,
          from,
          problem === undefined ? (confirmed ? "yes" : "no") : "cannot be used",
          model,
          effort,
          tools?.join(","),
          problem === undefined ? description : `${path}: ${problem}`,
        ]),
      ),
    );
  });
}

function confirm(io: Io): Command {
  const command = new Command("confirm")
    .description("show what a workspace's agent is told, and let sub-agents be it")
    .argument("<name>")
    .option("-w, --workspace <dir>", "folder whose agents are meant", toFolderThere)
    .option("--hash <digest>", "only with this content, as `agents --json` tells it");
  return asClient<AgentOptions & { hash?: string }, [string]>(
    io,
    command,
    async ({ client, printer, options }, name) => {
      const { workspace } = options;
      const found = (await client.get("agents.list", { workspace })).agents.find((agent) => agent.name === name);
      if (!found) throw new AppError("not_found", `There is no agent named ${name}`);
      if (found.problem !== undefined)
        throw new AppError("bad_request", `The agent ${name} cannot be used. ${found.path}: ${found.problem}`);
      const hash = options.hash ?? found.hash;
      printer.note(`${found.path}\n\n${found.instructions}\n`);
      printer.result(await client.post("agents.confirm", { name, hash, workspace }), () =>
        printer.line(`${name} may be used as it is now`),
      );
    },
  );
}
