import { Command } from "commander";
import { AppError } from "../../base/appError.ts";
import { asClient, type Verb } from "../terminal/clientVerb.ts";
import type { Io } from "../terminal/io.ts";

export const mcp: Verb = (io) =>
  new Command("mcp")
    .description("look at the MCP servers of openclaw.yml, whose tools the agent has")
    .addCommand(list(io), { isDefault: true })
    .addCommand(tools(io))
    .addCommand(log(io))
    .addCommand(restart(io));

function list(io: Io): Command {
  const command = new Command("list").description("list the servers and how each is");
  return asClient<object, []>(io, command, async ({ client, printer }) => {
    printer.result(await client.get("mcp.list", {}), ({ servers }) => {
      printer.table(
        ["NAME", "STATE", "TOOLS", "PID", "TARGET"],
        servers.map(({ name, state, tools, pid, target }) => [name, state, tools.length, pid ?? "", target]),
      );
      for (const { name, error, retryAt } of servers)
        if (error !== null)
          printer.line(`${name}: ${error}${retryAt === null ? "" : ` (tried again from ${retryAt} on)`}`);
    });
  });
}

function tools(io: Io): Command {
  const command = new Command("tools").description("list the tools of a server").argument("<server>");
  return asClient<object, [string]>(io, command, async ({ client, printer }, name) => {
    const { servers } = await client.get("mcp.list", {});
    const found = servers.find((server) => server.name === name);
    if (!found) throw new AppError("not_found", `No MCP server ${name} is set up`);
    printer.result(found.tools, (own) =>
      printer.table(
        ["TOOL", "ABOUT"],
        own.map((tool) => [tool.name, tool.title]),
      ),
    );
  });
}

function log(io: Io): Command {
  const command = new Command("log")
    .description("print what a server wrote to its standard error, and what happened to it")
    .argument("<server>")
    .option("-n, --lines <count>", "how many lines", "100");
  return asClient<{ lines: string }, [string]>(io, command, async ({ client, printer, options }, server) => {
    const lines = Number(options.lines);
    printer.result(await client.get("mcp.log", { server, lines }), (result) => {
      for (const line of result.lines) printer.line(line);
    });
  });
}

function restart(io: Io): Command {
  const command = new Command("restart").description("end a server and start it anew").argument("<server>");
  return asClient<object, [string]>(io, command, async ({ client, printer }, server) => {
    printer.result(await client.post("mcp.restart", { server }), ({ server: { name, state, tools, error } }) =>
      printer.line(`${name} is ${state}${error === null ? `, with ${tools.length} tools` : `: ${error}`}`),
    );
  });
}
