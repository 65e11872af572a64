import * as z from "zod";
import type { Session } from "../../protocol/session.ts";
import { toUsage, usageShape } from "../../protocol/shapes/usageShape.ts";

export const sessionKindShape = z.enum(["main", "isolated", "channel"]);
export const sessionStateShape = z.enum(["idle", "queued", "running", "waiting", "failed"]);

export const sessionShape = z.strictObject({
  key: z.string(),
  kind: sessionKindShape,
  title: z.string().nullable(),
  state: sessionStateShape,
  model: z.string().nullable().describe("Null: the configured default at the time of each run."),
  parentKey: z.string().nullable(),
  workspace: z.string().nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
  messageCount: z.int().min(0),
  usage: usageShape,
});

export function toSession(session: Session): z.output<typeof sessionShape> {
  return {
    key: session.key,
    kind: session.kind,
    title: session.title ?? null,
    state: session.state,
    model: session.model ?? null,
    parentKey: session.parentKey ?? null,
    workspace: session.workspace ?? null,
    createdAt: session.createdAt,
    updatedAt: session.updatedAt,
    messageCount: session.messageCount,
    usage: toUsage(session.usage),
  };
}

/** A session's key, as a field of an input. Unknown ones are told by the core. */
export const sessionKey = z.string().min(1).max(200).describe("Key of a session.");
export const sessionKeyOrMain = sessionKey.default("main");
