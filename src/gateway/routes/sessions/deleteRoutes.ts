import { defined } from "../../../base/defined.ts";
import * as z from "zod";
import type { StoredSession } from "../../../core/ports/storedSession.ts";
import { toldSession } from "../../../core/state/toldSession.ts";
import { sessionKey, sessionShape } from "../../../protocol/session.ts";
import { answered } from "../../calls/answered.ts";
import { defineRoute } from "../../calls/route.ts";

export const sessionsDelete = defineRoute({
  name: "sessions.delete",
  verb: "POST",
  scope: "write",
  summary: "Cancels a session's runs and removes it with its children. main is reset instead.",
  input: z.strictObject({
    sessionKey,
    undoSeconds: z
      .int()
      .min(0)
      .max(3600)
      .default(0)
      .describe(
        "For so long `sessions.restore` brings it back; it is erased then, also where the gateway was stopped meanwhile.",
      ),
  }),
  output: z.strictObject({
    sessionKey: z.string(),
    deleted: z.boolean().describe("False for main, which was reset."),
    erasedAt: z.string().optional().describe("Until then it can be brought back."),
  }),
  async handle(core, { sessionKey, undoSeconds }, { keep }) {
    const { kind } = await core.sessions.get(sessionKey);
    const toDeleted = (erasedAt: string | undefined) => ({
      ...{ sessionKey, deleted: kind !== "main" },
      ...defined({ erasedAt }),
    });
    const undo = { undoMs: undoSeconds * 1000 };
    return answered(keep, toDeleted, (kept) => core.sessions.delete(sessionKey, undo, kept));
  },
});

export const sessionsRestore = defineRoute({
  name: "sessions.restore",
  verb: "POST",
  scope: "write",
  summary:
    "Brings back a session that was deleted with `undoSeconds`, and its children. Runs stay cancelled. 404 once it is erased.",
  input: z.strictObject({ sessionKey }),
  output: z.strictObject({ sessionKey: z.string(), session: sessionShape }),
  async handle(core, { sessionKey }, { keep }) {
    const toRestored = (session: StoredSession) => ({ sessionKey, session: toldSession(session) });
    return answered(keep, toRestored, (kept) => core.sessions.restore(sessionKey, kept));
  },
});
