import * as z from "zod";

const target = z.strictObject({
  name: z.string().min(1).max(100).optional().describe("What it is called in events and the log."),
  command: z
    .union([z.string().min(1), z.array(z.string()).min(1)])
    .optional()
    .describe(
      "A program with its arguments, as a list; or a line for the shell, as a text. It gets JSON on its standard input.",
    ),
  url: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .optional()
    .describe("Where the same JSON is posted, signed as webhooks of jobs are."),
  timeoutSeconds: z
    .number()
    .positive()
    .max(600)
    .default(30)
    .describe("It is ended with all it started after this time."),
  env: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "Expected the name of an environment variable"), z.string())
    .default({})
    .describe("Environment variables it gets beside PATH, HOME and their like."),
});

const ofTools = target.extend({
  tools: z
    .array(z.string().min(1).max(200))
    .min(1)
    .optional()
    .describe("Only for these tools, * for any characters, as in mcp__github__*; for all when not given."),
});

function oneTarget(hook: z.output<typeof target>, context: z.core.$RefinementCtx<z.output<typeof target>>): void {
  if ((hook.command === undefined) === (hook.url === undefined))
    context.addIssue({
      code: "custom",
      path: ["command"],
      message: "A hook has either a command or a url",
      input: hook,
    });
  else if (hook.url !== undefined && Object.keys(hook.env).length > 0)
    context.addIssue({ code: "custom", path: ["env"], message: "A hook with a url starts no program", input: hook });
}

const list = <T extends z.ZodType>(hook: T, about: string) => z.array(hook).max(50).default([]).describe(about);

/** Commands and addresses that the user's own file has called at moments of a run. */
export const ownHooksSchema = z.strictObject({
  beforeTool: list(
    ofTools.superRefine(oneTarget),
    "Before a tool call is asked about and made: may deny it with a reason. One that fails denies, too.",
  ),
  afterTool: list(ofTools.superRefine(oneTarget), "After a tool call, before the model reads on."),
  runFinished: list(target.superRefine(oneTarget), "When a run has ended, however it did."),
  messageReceived: list(target.superRefine(oneTarget), "When a message has come in by any door."),
});

export type OwnHooks = z.output<typeof ownHooksSchema>;
