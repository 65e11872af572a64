import * as z from "zod";
import { SERVER_NAME } from "../../rules/mcpTool.ts";

const toolNames = z.array(z.string().min(1).max(200));

const mcpServerConfig = z
  .strictObject({
    command: z
      .string()
      .min(1)
      .optional()
      .describe("Program to start: a name that is looked up in PATH (never in a workspace), or an absolute path."),
    args: z.array(z.string()).default([]).describe("Its arguments. Write ${NAME} to read the environment."),
    env: z
      .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "Expected the name of an environment variable"), z.string())
      .default({})
      .describe("Environment variables it gets beside PATH, HOME and their like: no keys but those named here."),
    cwd: z.string().min(1).optional().describe("Folder it is started in, relative to this file; your home by default."),
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe("Address of a server that speaks streamable HTTP, as in https://mcp.example.org/mcp."),
    headers: z
      .record(z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, "Expected the name of a header"), z.string())
      .default({})
      .describe("Headers sent to `url`. Write ${NAME} to read the environment."),
    oauth: z
      .strictObject({
        clientId: z
          .string()
          .min(1)
          .optional()
          .describe("A client registered by hand; by default Pincer registers itself."),
        clientSecret: z
          .string()
          .min(1)
          .optional()
          .describe("Its secret. Write ${NAME} to read it from the environment."),
        scope: z.string().min(1).optional().describe("What is asked for, in place of what the server says."),
      })
      .optional()
      .describe("How to sign in at `url`, where it has to be said."),
    tools: z
      .strictObject({
        allow: toolNames.optional().describe("Only these tools, by the server's own names; all by default."),
        deny: toolNames.default([]).describe("These tools are left out."),
      })
      .prefault({})
      .describe("Which of its tools the agent has."),
    timeoutSeconds: z
      .number()
      .positive()
      .max(86_400)
      .default(60)
      .describe("A call that has given no result and no progress for so long is given up."),
    enabled: z.boolean().default(true).describe("false keeps the server here and does not use it."),
  })
  .superRefine((server, context) => {
    const fault = (key: string, message: string) =>
      context.addIssue({ code: "custom", path: [key], message, input: server });
    if ((server.command === undefined) === (server.url === undefined))
      return fault("command", "A server has either a command or a url");
    if (server.command === undefined && (server.args.length > 0 || server.cwd !== undefined))
      fault(server.args.length > 0 ? "args" : "cwd", "A server with a url starts no program");
    if (server.url === undefined && Object.keys(server.headers).length > 0)
      fault("headers", "A server with a command gets no headers");
    if (server.url === undefined && server.oauth) fault("oauth", "A server with a command is not signed in at");
    return undefined;
  });

export const mcpSchema = z.strictObject({
  servers: z
    .record(
      z.string().regex(SERVER_NAME, "A server is named by 32 letters, digits, - and single _ at most"),
      mcpServerConfig,
    )
    .default({})
    .describe("Servers by name. Their tools are called mcp__NAME__TOOL (docs/mcp.md)."),
});
