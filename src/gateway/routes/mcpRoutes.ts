import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import type { Core } from "../../core/core.ts";
import type { McpServers } from "../../core/ports/mcpServers.ts";
import {
  mcpAnswerShape,
  mcpQuestionShape,
  mcpResourceShape,
  mcpServerName,
  mcpServerShape,
} from "../../protocol/mcp.ts";
import { attachmentShape } from "../../protocol/message.ts";
import { defineRoute } from "../calls/route.ts";
import { isPhone } from "../calls/scope.ts";

export const mcpList = defineRoute({
  name: "mcp.list",
  verb: "GET",
  scope: "read",
  summary: "The MCP servers that are set up, how each is, and the tools that it has.",
  input: z.strictObject({}),
  output: z.strictObject({ count: z.int(), servers: z.array(mcpServerShape) }),
  async handle(core) {
    const servers = core.servers?.list() ?? [];
    return { count: servers.length, servers };
  },
});

export const mcpLog = defineRoute({
  name: "mcp.log",
  verb: "GET",
  scope: "admin",
  summary: "What an MCP server has written to its standard error, and what happened to it; oldest first.",
  input: z.strictObject({ server: mcpServerName, lines: z.coerce.number().int().min(1).max(500).default(100) }),
  output: z.strictObject({ server: z.string(), lines: z.array(z.string()) }),
  async handle(core, { server, lines }) {
    return { server, lines: serversOf(core).log(server, lines) };
  },
});

export const mcpRestart = defineRoute({
  name: "mcp.restart",
  verb: "POST",
  scope: "admin",
  summary: "Ends an MCP server, forgets its faults and starts it; answers when it is ready or has failed.",
  input: z.strictObject({ server: mcpServerName }),
  output: z.strictObject({ server: mcpServerShape }),
  async handle(core, { server }) {
    return { server: await serversOf(core).restart(server) };
  },
});

export const mcpSignIn = defineRoute({
  name: "mcp.signIn",
  verb: "POST",
  scope: "admin",
  summary:
    "Begins to sign in at an MCP server by OAuth: a person opens `url`, and the server connects when they have come back.",
  input: z.strictObject({ server: mcpServerName }),
  output: z.strictObject({ server: z.string(), url: z.string().describe("The page to open, on this machine.") }),
  async handle(core, { server }) {
    return { server, ...(await serversOf(core).signIn(server)) };
  },
});

export const mcpSignOut = defineRoute({
  name: "mcp.signOut",
  verb: "POST",
  scope: "admin",
  summary: "Ends an MCP server and forgets the tokens for it.",
  input: z.strictObject({ server: mcpServerName }),
  output: z.strictObject({ server: mcpServerShape }),
  async handle(core, { server }) {
    return { server: await serversOf(core).signOut(server) };
  },
});

export const mcpResources = defineRoute({
  name: "mcp.resources",
  verb: "GET",
  scope: "read",
  summary: "Documents that the MCP servers offer which run, or have run. Their prompts are in `prompts.list`.",
  input: z.strictObject({
    search: z.string().max(200).optional().describe("Words of a name, a description or an address."),
  }),
  output: z.strictObject({ count: z.int(), resources: z.array(mcpResourceShape) }),
  async handle(core, { search = "" }) {
    const words = search.toLowerCase().split(/\s+/);
    const resources = ((await core.servers?.resources()) ?? []).filter(({ name, description, uri }) => {
      const text = `${name} ${description} ${uri}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    return { count: resources.length, resources };
  },
});

export const mcpRead = defineRoute({
  name: "mcp.read",
  verb: "POST",
  scope: "write",
  summary:
    "What a document of an MCP server is now, as `attachments` of a message: texts marked as the server's, and images. Starts the server when it does not run.",
  input: z.strictObject({ server: mcpServerName, uri: z.string().min(1).max(2000) }),
  output: z.strictObject({ server: z.string(), uri: z.string(), attachments: z.array(attachmentShape) }),
  async handle(core, { server, uri }) {
    return { server, uri, attachments: await serversOf(core).readResource(server, uri) };
  },
});

export const mcpQuestions = defineRoute({
  name: "mcp.questions",
  verb: "GET",
  scope: "read",
  phone: "read",
  summary: "What MCP servers ask of the user, while a call of theirs is under way.",
  input: z.strictObject({}),
  output: z.strictObject({ count: z.int(), questions: z.array(mcpQuestionShape) }),
  async handle(core) {
    const questions = core.servers?.questions() ?? [];
    return { count: questions.length, questions };
  },
});

export const mcpAnswer = defineRoute({
  name: "mcp.answer",
  verb: "POST",
  scope: "admin",
  phone: "approvals",
  summary:
    "Answers a question of an MCP server. 404 when it waits no more, 400 for content that does not fit. A paired phone accepts no page that a server wants opened: it is the computer's browser that the server waits for.",
  input: z.strictObject({ id: z.string().min(1).max(100), ...mcpAnswerShape.shape }),
  output: z.strictObject({ question: mcpQuestionShape, action: mcpAnswerShape.shape.action }),
  async handle(core, { id, ...answer }, { scope }) {
    const servers = serversOf(core);
    if (isPhone(scope) && answer.action === "accept" && servers.questions().find((one) => one.id === id)?.page)
      throw new AppError("forbidden", "A page that a server wants opened is opened at the computer");
    return { question: await servers.answer(id, answer), action: answer.action };
  },
});

function serversOf({ servers }: Core): McpServers {
  if (!servers) throw new AppError("not_found", "This gateway has no MCP servers");
  return servers;
}
