import * as z from "zod";

/**
 * off: not enabled, or not yet confirmed. idle: not running, started by the next call. starting, ready. failed: `error` says
 * why, and `retryAt` from when on a call tries again.
 */
const mcpStateShape = z.enum(["off", "idle", "starting", "ready", "failed"]);

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
