import * as z from "zod";

/**
 * off: not enabled, or not yet confirmed. idle: not running, started by the next call. starting, ready. failed: `error` says
 * why, and `retryAt` from when on a call tries again. sign_in: a person has to sign in there first.
 */
const mcpStateShape = z.enum(["off", "idle", "starting", "ready", "failed", "sign_in"]);

const mcpToolShape = z.strictObject({
  name: z.string().describe('As the agent calls it: "mcp__github__list_issues".'),
  title: z.string().describe("As the server calls it."),
  description: z.string(),
  readOnly: z.boolean().describe("The server says that it changes nothing. A hint: it is asked about all the same."),
});

/** A server of the Model Context Protocol, and how it is. */
export const mcpServerShape = z.strictObject({
  name: z.string().describe("As mcp.servers names it."),
  state: mcpStateShape,
  kind: z.enum(["stdio", "http"]),
  target: z.string().describe("The command line, or the address; control characters made visible."),
  error: z.string().nullable(),
  retryAt: z.string().nullable().describe("Until then nothing is tried again by itself."),
  pid: z.int().nullable(),
  version: z.string().nullable().describe("What the server calls itself, and its version."),
  protocol: z.string().nullable().describe("The revision of the protocol that is spoken."),
  startedAt: z.string().nullable(),
  tools: z.array(mcpToolShape),
});

export type McpServer = z.output<typeof mcpServerShape>;

/** The name of a server, as a field of an input. */
export const mcpServerName = z.string().min(1).max(32).describe("A server, as mcp.servers names it.");

const mcpFieldShape = z.strictObject({
  name: z.string(),
  kind: z.enum(["text", "number", "boolean", "choice", "choices"]),
  title: z.string(),
  description: z.string().optional(),
  required: z.boolean(),
  options: z.array(z.strictObject({ value: z.string(), title: z.string() })).optional(),
  format: z.enum(["email", "uri", "date", "date-time"]).optional().describe("What a text is to be."),
  whole: z.literal(true).optional().describe("A number without a fraction."),
  min: z.number().optional().describe("The least that a number may be, a text may have of characters, or be chosen."),
  max: z.number().optional().describe("The most."),
  default: z.unknown().optional(),
});

export type McpField = z.output<typeof mcpFieldShape>;

/** What an MCP server asks of the user: a form, or a page to open. Its words are the server's. */
export const mcpQuestionShape = z.strictObject({
  id: z.string(),
  server: z.string(),
  message: z.string().describe("Control characters made visible."),
  fields: z.array(mcpFieldShape),
  page: z
    .strictObject({ address: z.string(), host: z.string().describe("As it is looked up: no letters but a to z.") })
    .optional()
    .describe("It has no form, and wants the user to open this page in a browser; `accept` says that they do."),
  calls: z
    .array(z.strictObject({ sessionKey: z.string(), tool: z.string().describe("As the server calls it.") }))
    .optional()
    .describe("The call that it came of; where the server does not tell, all that it may have come of."),
  createdAt: z.string(),
  expiresAt: z.string().describe("Unanswered until then, it counts as cancelled."),
});

export type McpQuestion = z.output<typeof mcpQuestionShape>;

/** accept: with the fields' values in `content`. decline: the user says no. cancel: nobody decided. */
export const mcpAnswerShape = z.strictObject({
  action: z.enum(["accept", "decline", "cancel"]),
  content: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
    .optional()
    .describe("By the names of the fields. What is left out has its default."),
});

export type McpAnswer = z.output<typeof mcpAnswerShape>;

/** A document that an MCP server offers beside its tools. Its words are the server's, control characters made visible. */
export const mcpResourceShape = z.strictObject({
  server: z.string(),
  uri: z.string(),
  name: z.string(),
  description: z.string(),
  mediaType: z.string().nullable(),
});

export type McpResource = z.output<typeof mcpResourceShape>;

/** A message that an MCP server keeps for its users, with arguments. */
export interface McpPrompt {
  server: string;
  /** As it is typed behind a slash: "mcp__github__review". */
  name: string;
  /** As the server calls it. */
  original: string;
  description: string;
  arguments: { name: string; description: string; required: boolean }[];
}
