import * as z from "zod";
import { defineRoute } from "../route.ts";

export const cronWake = defineRoute({
  name: "cron.wake",
  verb: "POST",
  scope: "write",
  summary: "Puts a system event into the main session and wakes it.",
  input: z.strictObject({ text: z.string().regex(/\S/, "Expected some text") }),
  output: z.strictObject({ status: z.literal("ok"), runId: z.string(), sessionKey: z.string() }),
  async handle(core, { text }, call) {
    const run = await core.jobs.wake(text, call.origin);
    return { status: "ok" as const, runId: run.id, sessionKey: run.sessionKey };
  },
});
