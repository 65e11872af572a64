import * as z from "zod";
import { defineRoute } from "../calls/route.ts";
import { LOG_LEVELS } from "../../base/logTail.ts";
import type { Core } from "../../core/core.ts";
import { AppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import type { RunState } from "../../protocol/run.ts";
import { auditKindShape, auditRecordShape } from "../../protocol/audit.ts";

const PAGE = 500;

export const gatewayStatus = defineRoute({
  name: "gateway.status",
  verb: "GET",
  scope: "read",
  summary: "What serves: version, address, since when, and how many runs and connections there are.",
  input: z.strictObject({}),
  output: z.strictObject({
    status: z.literal("ok"),
    version: z.string(),
    url: z.string(),
    pid: z.int(),
    startedAt: z.string(),
    uptimeSeconds: z.int().min(0),
    connections: z.int().min(0).describe("Open event streams and WebSockets."),
    runs: z.strictObject({ active: z.int(), queued: z.int() }),
    approvals: z.int().min(0).describe("Tool calls that wait for the user's word."),
    sandbox: z
      .strictObject({
        mode: z.enum(["auto", "required", "off"]),
        holds: z.boolean().describe("Whether commands run in it."),
        kind: z.enum(["bubblewrap", "sandbox-exec"]).optional(),
        reason: z.string().optional().describe("Why there is none."),
      })
      .describe("What keeps commands within bounds."),
    store: z
      .strictObject({
        bytes: z.int().min(0),
        freeBytes: z.int().min(0).describe("Of those: what nothing uses. It is used again, or given back."),
        checkedAt: z.string().optional().describe("All of it was looked over since then."),
        problem: z.string().optional().describe("What was found broken. The next start mends it."),
      })
      .describe("Where sessions are kept."),
    lastEventId: z.int().min(0),
  }),
  async handle(core, _input, call) {
    const { version, url, pid, startedAt, connections } = call.gateway.status();
    const [active, queued] = [await countRuns(core, "running"), await countRuns(core, "queued")];
    return {
      status: "ok" as const,
      version,
      url,
      pid,
      startedAt,
      uptimeSeconds: Math.max(0, Math.floor((core.clock.now() - Date.parse(startedAt)) / 1000)),
      connections,
      runs: { active, queued },
      approvals: (await core.approvals.list()).length,
      sandbox: await sandboxOf(core),
      store: await core.store.condition(),
      lastEventId: core.events.lastId(),
    };
  },
});

async function countRuns(core: Core, state: RunState): Promise<number> {
  for (let [count, cursor] = [0, undefined as string | undefined]; ;) {
    const page = await core.runs.list({ states: [state], limit: PAGE, ...defined({ cursor }) });
    count += page.length;
    if (page.length < PAGE) return count;
    cursor = page.at(-1)!.id;
  }
}

async function sandboxOf(core: Core) {
  const mode = core.settings().sandbox ?? "auto";
  return mode === "off" ? { mode, holds: false } : { mode, ...(await core.sandbox()) };
}

export const gatewayTokenRotate = defineRoute({
  name: "gateway.token.rotate",
  verb: "POST",
  scope: "admin",
  secret: true,
  summary: "Replaces a token. The old one is dead at once, and what it holds open is closed within a second.",
  input: z.strictObject({ name: z.string().min(1).max(100).optional().describe("Which token; the first by default.") }),
  output: z.strictObject({ token: z.string() }),
  async handle(_core, { name }, call) {
    return { token: await call.gateway.rotateToken(name) };
  },
});

export const configGet = defineRoute({
  name: "config.get",
  verb: "GET",
  scope: "read",
  summary: "The configuration in force, with every default filled in and every secret removed.",
  input: z.strictObject({}),
  output: z.strictObject({ config: z.record(z.string(), z.unknown()) }),
  handle: async (core) => ({ config: core.configuration() }),
});

export const logsTail = defineRoute({
  name: "logs.tail",
  verb: "GET",
  scope: "admin",
  summary: "The newest lines of the gateway's log, oldest first, with every secret removed.",
  input: z.strictObject({
    lines: z.int().min(1).max(1000).default(100),
    level: z.enum(LOG_LEVELS).optional().describe("Only lines of this level and above."),
  }),
  output: z.strictObject({
    count: z.int(),
    lines: z.array(
      z.strictObject({
        time: z.string(),
        level: z.enum(LOG_LEVELS),
        message: z.string(),
        fields: z.record(z.string(), z.unknown()).optional(),
      }),
    ),
  }),
  async handle(_core, input, { gateway }) {
    if (!gateway.logs) throw new AppError("unavailable", "This gateway keeps no log");
    const lines = gateway.logs.tail(input.lines, input.level);
    return { count: lines.length, lines };
  },
});

export const auditList = defineRoute({
  name: "audit.list",
  verb: "GET",
  scope: "admin",
  summary: "What was done and by whom, newest first: calls, tool runs and answers to approvals.",
  input: z.strictObject({
    limit: z.int().min(1).max(1000).default(50),
    before: z.int().min(1).optional().describe("Only records with a lower seq: the page before."),
    kind: auditKindShape.optional(),
  }),
  output: z.strictObject({ count: z.int(), records: z.array(auditRecordShape), hasMore: z.boolean() }),
  async handle(_core, { limit, before, kind }, { gateway }) {
    if (!gateway.audit) throw new AppError("unavailable", "This gateway keeps no audit log");
    const { records, hasMore } = await gateway.audit.list({
      limit,
      ...defined({ before, kind }),
    });
    return { count: records.length, records: records, hasMore };
  },
});
