import * as z from "zod";

export const originShape = z.strictObject({
  via: z.enum([
    "api",
    "panel",
    "palette",
    "cli",
    "cron",
    "subagent",
    "openai",
    "mcp",
    "telegram",
    "discord",
    "webhook",
  ]),
  id: z.string().optional(),
});
