import * as z from "zod";
import { defined } from "../../base/defined.ts";
import { takenJob, takenSession } from "../../protocol/written/movedLine.ts";
import { defineRoute } from "../calls/route.ts";

const MOST_LINES = 5000;

export const exportRead = defineRoute({
  name: "export.read",
  verb: "GET",
  scope: "read",
  summary: "A page of an export (docs/moving.md): sessions with their messages, or the jobs. No secrets are in it.",
  input: z.strictObject({
    part: z.enum(["sessions", "jobs"]).default("sessions"),
    cursor: z.string().min(1).max(2000).optional().describe("`nextCursor` of the page before."),
  }),
  output: z.strictObject({
    lines: z.array(z.string()).describe("Lines of JSON."),
    leftOut: z.int().min(0).describe("Jobs that openclaw.yml declares."),
    nextCursor: z.string().optional(),
  }),
  async handle(core, { part, cursor }) {
    if (part === "jobs") return core.moving.jobs();
    const { lines, nextCursor } = await core.moving.sessions(cursor);
    return { lines, leftOut: 0, ...defined({ nextCursor }) };
  },
});

export const importWrite = defineRoute({
  name: "import.write",
  verb: "POST",
  scope: "admin",
  summary:
    "Takes lines of an export in (docs/moving.md). Those that are here already are left: twice is once. Jobs come off and without grants, unless the call says otherwise.",
  input: z.strictObject({
    lines: z
      .array(z.string())
      .max(MOST_LINES)
      .describe("Each session's line before those of its messages; again where they go on in another call."),
    dryRun: z.boolean().default(false).describe("Only say what would be taken."),
    enable: z.boolean().default(false).describe("Turn jobs on that were on."),
    grants: z.boolean().default(false).describe("Give jobs the grants that they had."),
    keepFolders: z.boolean().default(false).describe("Let sessions work in folders that are none of this gateway's."),
  }),
  output: z.strictObject({ dryRun: z.boolean(), sessions: z.array(takenSession), jobs: z.array(takenJob) }),
  async handle(core, request, call) {
    return { dryRun: request.dryRun, ...(await core.moving.take(request, call.origin)) };
  },
});
