import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { Command } from "commander";
import { defined } from "../../../base/defined.ts";
import { AppError } from "../../../base/appError.ts";
import { type AddressOptions, findGateway } from "../../../client/gatewayAddress.ts";
import { asClient, type Verb, withAddress } from "../../terminal/clientVerb.ts";
import { visible } from "../../../base/text/visible.ts";
import { findConfig } from "../../../config/findConfig.ts";
import { findStateDir } from "../../../config/stateFolder.ts";
import type { McpField } from "../../../protocol/mcp.ts";
import { toCount } from "../../terminal/durations.ts";
import { toFolderPath } from "../../terminal/givenPlaces.ts";
import type { Io } from "../../terminal/io.ts";
import { version } from "../../terminal/version.ts";
import { createPrinter } from "../../terminal/printer.ts";

export const mcp: Verb = (io) =>
  new Command("mcp")
    .description("look at the MCP servers of openclaw.yml, whose tools the agent has")
    .addCommand(list(io), { isDefault: true })
    .addCommand(serve(io))
    .addCommand(tools(io))
    .addCommand(resources(io))
    .addCommand(read(io))
    .addCommand(log(io))
    .addCommand(restart(io))
    .addCommand(signIn(io))
    .addCommand(signOut(io))
    .addCommand(take(io))
    .addCommand(questions(io))
    .addCommand(answer(io));

/** Needs no gateway to start, and no token in the file that names it: it finds the gateway when it is asked. */
function serve(io: Io): Command {
  const command = new Command("serve").description(
    "be an MCP server on standard input and output, for other programs' agents: the gateway's /mcp",
  );
  return withAddress(command).action(async (options: AddressOptions & { gateway?: string }) => {
    const { serveMcp } = await import("./mcpBridge.ts");
    const { gateway: url, ...rest } = options;
    await serveMcp(io, () => findGateway({ ...rest, ...defined({ url }) }, io.env), version);
  });
}

function list(io: Io): Command {
  const command = new Command("list").description("list the servers and how each is");
  return asClient<object, []>(io, command, async ({ client, printer }) => {
    printer.result(await client.get("mcp.list", {}), ({ servers }) => {
      printer.table(
        ["NAME", "STATE", "TOOLS", "PID", "TARGET"],
        servers.map(({ name, state, tools, pid, target }) => [name, state, tools.length, pid, target]),
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

function resources(io: Io): Command {
  const command = new Command("resources")
    .description("list what the servers offer to be read")
    .argument("[search]", "words of a name, a description or an address", "");
  return asClient<object, [string]>(io, command, async ({ client, printer }, search) => {
    printer.result(await client.get("mcp.resources", { search }), (found) =>
      printer.table(
        ["SERVER", "NAME", "URI"],
        found.resources.map(({ server, name, uri }) => [server, name, uri]),
      ),
    );
  });
}

function read(io: Io): Command {
  const command = new Command("read").description("print what a server offers").argument("<server>").argument("<uri>");
  return asClient<object, [string, string]>(io, command, async ({ client, printer }, server, uri) => {
    printer.result(await client.post("mcp.read", { server, uri }), ({ attachments }) => {
      for (const { name, mediaType, data } of attachments)
        printer.line(mediaType === "text/plain" ? visible(data) : `[${name}, ${mediaType}]`);
    });
  });
}

function log(io: Io): Command {
  const command = new Command("log")
    .description("print what a server wrote to its standard error, and what happened to it")
    .argument("<server>")
    .option("-n, --lines <count>", "how many lines", toCount, 100);
  return asClient<{ lines: number }, [string]>(io, command, async ({ client, printer, options }, server) => {
    printer.result(await client.get("mcp.log", { server, lines: options.lines }), (result) => {
      for (const line of result.lines) printer.line(line);
    });
  });
}

function restart(io: Io): Command {
  const command = new Command("restart").description("end a server and start it anew").argument("<server>");
  return asClient<object, [string]>(io, command, async ({ client, printer }, server) => {
    const answer = await client.post("mcp.restart", { server });
    printer.result(answer, ({ server: { name, state, tools, error } }) =>
      printer.line(`${name} is ${state}${error === null ? `, with ${tools.length} tools` : `: ${error}`}`),
    );
    if (answer.server.state === "failed") throw new AppError("unavailable", `${server} could not be started`);
  });
}

function signIn(io: Io): Command {
  const command = new Command("sign-in")
    .description("sign in at a server: prints the page to open in a browser of this machine")
    .argument("<server>");
  return asClient<object, [string]>(io, command, async ({ client, printer }, server) => {
    printer.result(await client.post("mcp.signIn", { server }), ({ url }) => printer.line(url));
  });
}

function signOut(io: Io): Command {
  const command = new Command("sign-out").description("forget the tokens for a server").argument("<server>");
  return asClient<object, [string]>(io, command, async ({ client, printer }, server) => {
    printer.result(await client.post("mcp.signOut", { server }), () => printer.line(`${server} is signed out`));
  });
}

function questions(io: Io): Command {
  const command = new Command("questions").description("list what servers ask of you");
  return asClient<object, []>(io, command, async ({ client, printer }) => {
    printer.result(await client.get("mcp.questions", {}), (result) => {
      for (const { id, server, message, fields, page, calls = [] } of result.questions) {
        printer.line(`${id}  ${server} asks: ${message}`);
        const called = calls.map(({ tool, sessionKey }) => `${tool} of session ${sessionKey}`);
        if (called.length > 0) printer.line(`  called for${called.length > 1 ? " one of" : ""}: ${called.join(", ")}`);
        if (page) printer.line(`  to open, at ${page.host}: ${page.address}`);
        for (const field of fields)
          printer.line(`  ${field.name}${field.required ? "" : "?"}: ${field.title} (${takenBy(field)})`);
      }
    });
  });
}

/** "s | d", "number, 1 to 14", "date". */
function takenBy({ kind, options = [], format, min, max }: McpField): string {
  const what = options.length > 0 ? options.map(({ value }) => value).join(" | ") : (format ?? kind);
  if (min === undefined && max === undefined) return what;
  return `${what}, ${min === undefined ? `at most ${max}` : max === undefined ? `at least ${min}` : `${min} to ${max}`}`;
}

function answer(io: Io): Command {
  const command = new Command("answer")
    .description("answer a question of a server: field=value for each field")
    .argument("<id>")
    .argument("[values...]")
    .option("--decline", "say no");
  return asClient<{ decline?: boolean }, [string, string[]]>(io, command, async (context, id, values) => {
    const { client, printer, options } = context;
    const { questions: open } = await client.get("mcp.questions", {});
    const asked = open.find((question) => question.id === id);
    if (!asked) throw new AppError("not_found", `No question ${id} of an MCP server waits for an answer`);
    const content = Object.fromEntries(values.map((pair) => toValue(pair, asked.fields)));
    const given = options.decline ? { action: "decline" as const } : { action: "accept" as const, content };
    printer.result(await client.post("mcp.answer", { id, ...given }), ({ action, question }) =>
      printer.line(`${question.server} is told: ${action}`),
    );
  });
}

/** "nights=3" as its field takes it. */
function toValue(pair: string, fields: McpField[]): [string, string | number | boolean | string[]] {
  const at = pair.indexOf("=");
  const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
  const field = fields.find((one) => one.name === name);
  if (at < 1 || !field) {
    const names = fields.map((one) => one.name).join(", ");
    throw new AppError("bad_request", `${pair} is no field=value of this question; its fields are ${names}`);
  }
  if (field.kind === "number") return [name, Number(value)];
  if (field.kind === "boolean") return [name, value === "true" || value === "yes"];
  return [name, field.kind === "choices" ? value.split(",") : value];
}

/** Works on the files alone, with or without a gateway. */
function take(io: Io): Command {
  const command = new Command("import")
    .description("add the servers of a .mcp.json or .vscode/mcp.json to your openclaw.yml; without --yes it says which")
    .argument("<file>")
    .option("--yes", "add them")
    .option("--state <dir>", "state folder (default: PINCER_HOME, else ~/.pincer)", toFolderPath)
    .option("--json", "print the answer as JSON");
  return command.action(async (given: string, options: { yes?: boolean; state?: string; json?: boolean }) => {
    const { addServers } = await import("../../../config/write/addServers.ts");
    const { readForeignServers } = await import("../../../config/write/foreignServers.ts");
    const file = resolve(given);
    const folder = dirname(file);
    const text = await readFile(file, "utf8").catch(() => {
      throw new AppError("not_found", `${file} cannot be read`);
    });
    const root = basename(folder) === ".vscode" ? dirname(folder) : folder;
    const { servers, left } = readForeignServers(text, root, io.env);
    const stateDir = options.state === undefined ? findStateDir(io.env) : resolve(options.state);
    const { user } = findConfig({ stateDir });
    const added = options.yes ? await addServers(user, servers) : [];
    const printer = createPrinter(io, options.json === true);
    printer.result({ file: user, servers, left, added }, () => {
      for (const [name, server] of Object.entries(servers)) printer.line(`${name}: ${visible(JSON.stringify(server))}`);
      for (const { name, why } of left) printer.line(`left out: ${name}: ${why}`);
      const names = added.length === 0 ? "nothing" : added.join(", ");
      printer.line(options.yes ? `added to ${user}: ${names}` : `Nothing was changed; --yes adds them to ${user}`);
    });
  });
}
