import * as z from "zod";
import { defineRoute } from "../route.ts";
import { runShape, runStateShape, toRun } from "../shapes/run.ts";
import { sessionKey } from "../shapes/session.ts";

export const runsList = defineRoute({
  name: "runs.list",
  verb: "GET",
  scope: "read",
  summary: "Lists runs, newest first.",
  input: z.strictObject({
    sessionKey: sessionKey.optional(),
    states: z.array(runStateShape).optional(),
    limit: z.int().min(1).max(500).default(50),
  }),
  output: z.strictObject({ count: z.int(), runs: z.array(runShape) }),
  async handle(core, { sessionKey, states, limit }) {
    if (sessionKey !== undefined) await core.sessions.get(sessionKey);
    const runs = await core.runs.list({ limit, sessionKey, ...(states?.length ? { states } : {}) });
    return { count: runs.length, runs: runs.map(toRun) };
  },
});
