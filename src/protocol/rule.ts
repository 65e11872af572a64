import * as z from "zod";

/** What a rule can be about. edit covers write, edit and apply_patch, but deletes nothing. */
const deedShape = z.enum(["exec", "edit", "delete", "read", "web_fetch", "browser", "network", "mcp", "message"]);

export type Deed = z.output<typeof deedShape>;

/** One line of what may be done, or not, as it is stored and told; `ruleSchema` says what fits together. */
export const ruleShape = z.strictObject({
  allow: deedShape.optional().describe("What may be done without asking."),
  deny: deedShape.optional().describe("What is refused. A deny rule wins over any other."),
  command: z
    .string()
    .min(1)
    .max(2000)
    .optional()
    .describe('Of exec: exactly these words, or these first words when it ends in " *".'),
  path: z.string().min(1).max(1000).optional().describe("Of edit, delete and read: a glob from the workspace."),
  host: z
    .string()
    .min(1)
    .max(253)
    .optional()
    .describe(
      'Of web_fetch, browser and network (what sandboxed commands connect to): a host, "*.example.org", or "*"; of exec: what that command may reach.',
    ),
  server: z.string().min(1).max(32).optional().describe("Of mcp: the server, as mcp.servers names it."),
  tool: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe('Of mcp: the tool, as in "list_issues" or "list_*"; every tool of the server by default.'),
  channel: z.string().min(1).max(40).optional().describe('Of message: the chat network, as in "telegram".'),
  to: z
    .string()
    .min(1)
    .max(60)
    .optional()
    .describe('Of message: an address there, as in "123"; "-100123:*" for all topics of a group, "*" for every chat.'),
  hash: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe("Of mcp: covers the tool only while its server, description and schema have this digest."),
  readOnly: z
    .literal(true)
    .optional()
    .describe("Of mcp that is allowed: the tool only looks, so that a run that plans may call it, too."),
});

export type Rule = z.output<typeof ruleShape>;

/** What runs may do that nobody waits for, as jobs and webhooks give it to theirs. */
export const grantsOfRuns = z
  .array(ruleShape)
  .max(100)
  .optional()
  .describe(
    "What its runs may do unasked. With it, even empty, nobody is asked: what no grant covers is refused at once.",
  );
