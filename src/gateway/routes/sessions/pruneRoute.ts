import * as z from "zod";
import { defineRoute } from "../../calls/route.ts";

const MOST_TOLD = 1000;

const days = z.number().min(0).optional();

export const sessionsPrune = defineRoute({
  name: "sessions.prune",
  verb: "POST",
  scope: "admin",
  summary:
    "Removes what `retention` of openclaw.yml lets go, as happens every hour. Never main, a session that a person named, a job's target, or one at work.",
  input: z.strictObject({ dryRun: z.boolean().default(false).describe("Only say what would be removed.") }),
  output: z.strictObject({
    dryRun: z.boolean(),
    retention: z.strictObject({ openaiDays: days, jobDays: days, subagentDays: days }),
    count: z.int().min(0),
    sessions: z
      .array(
        z.strictObject({
          key: z.string(),
          title: z.string().nullable(),
          rule: z.enum(["openai", "job", "subagent"]).describe("Which of `retention` it goes by."),
          updatedAt: z.string(),
          messageCount: z.int().min(0),
        }),
      )
      .describe(`The first ${MOST_TOLD}.`),
  }),
  async handle(core, { dryRun }) {
    const { retention, sessions } = await core.sessions.prune({ dryRun });
    return { dryRun, retention, count: sessions.length, sessions: sessions.slice(0, MOST_TOLD) };
  },
});
