import * as z from "zod";
import { defineRoute } from "../route.ts";

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
    lastEventId: z.int().min(0),
  }),
  async handle(core, _input, call) {
    const { version, url, pid, startedAt, connections } = call.gateway.status();
    const unfinished = await core.runs.list({ states: ["queued", "running"], limit: 500 });
    const active = unfinished.filter((run) => run.state === "running").length;
    return {
      status: "ok" as const,
      version,
      url,
      pid,
      startedAt,
      uptimeSeconds: Math.max(0, Math.floor((core.clock.now() - Date.parse(startedAt)) / 1000)),
      connections,
      runs: { active, queued: unfinished.length - active },
      approvals: core.approvals.list().length,
      lastEventId: core.events.lastId(),
    };
  },
});
