import * as z from "zod";
import { tokenOf } from "../../../core/permission/grantLists.ts";
import { AppError } from "../../../base/appError.ts";
import type { Core } from "../../../core/core.ts";
import type { Subagent } from "../../../core/services/subagentService.ts";
import { toldSession } from "../../../core/state/toldSession.ts";
import { runId, type RunRecord, runShape, worksFor } from "../../../protocol/run.ts";
import { sessionKey, sessionKeyOrMain, sessionShape } from "../../../protocol/session.ts";
import { answered } from "../../calls/answered.ts";
import { acceptedShape, toAccepted } from "../../calls/reply.ts";
import { type Call, defineRoute } from "../../calls/route.ts";
import { isPhone } from "../../calls/scope.ts";
import { toRun } from "../../calls/toRun.ts";

export const sessionsSteer = defineRoute({
  name: "sessions.steer",
  verb: "POST",
  scope: "write",
  phone: "send",
  summary:
    "Puts a message into the run under way in a session, which reads it at its next step; `runId` is the message's own. Where the run ends before that, the message is answered by a run of its own. 409 when none is under way. A token whose scope is not admin steers what it began.",
  input: z
    .strictObject({
      message: z.string().regex(/\S/, "Expected some text"),
      sessionKey: sessionKey.optional(),
      runId: runId.optional().describe("The run it is meant for; by default whichever is under way in the session."),
    })
    .refine((input) => (input.sessionKey === undefined) !== (input.runId === undefined), {
      message: "Expected either sessionKey or runId",
    }),
  output: acceptedShape,
  status: () => 202,
  async handle(core, { message, ...meant }, call) {
    const active =
      meant.runId === undefined ? await underWay(core, meant.sessionKey!) : await core.runs.get(meant.runId);
    await checkBegan(core, active, call);
    const { sessionKey, id } = active;
    const steering = { text: message, origin: call.origin, sessionKey, runId: id };
    return answered(call.keep, toAccepted, (kept) => core.subagents.steer(steering, (run) => ({ answers: kept(run) })));
  },
});

async function underWay(core: Core, sessionKey: string): Promise<RunRecord> {
  await core.sessions.get(sessionKey);
  const [active] = await core.runs.list({ sessionKey, states: ["running"], limit: 1 });
  if (active) return active;
  throw new AppError(
    "conflict",
    `No run of session ${sessionKey} is under way, so there is none to steer. Send the message instead.`,
  );
}

/** A run may do what whoever began it may; others have no say in it. */
async function checkBegan(core: Core, run: RunRecord, { origin, scope }: Call): Promise<void> {
  // Who answers approvals has a say in all.
  if (scope === "admin" || isPhone(scope)) return;
  const by = await begunBy(core, run);
  const token = tokenOf(origin);
  if (token !== undefined && by && tokenOf(by.origin) === token) return;
  throw new AppError("forbidden", `Run ${run.id} was begun by another: this token may steer what it began itself`);
}

/** Undefined where that is not known any more. */
async function begunBy({ store }: Core, run: RunRecord): Promise<RunRecord | undefined> {
  let at: RunRecord | undefined = run;
  for (;;) {
    const before: string | undefined = at && worksFor(at);
    if (before === undefined) return at;
    at = await store.getRun(before);
  }
}

export const subagentsList = defineRoute({
  name: "subagents.list",
  verb: "GET",
  scope: "read",
  summary: "The sub-agents of a session, each before those below it; siblings newest first.",
  input: z.strictObject({ sessionKey: sessionKeyOrMain }),
  output: z.strictObject({
    sessionKey: z.string(),
    count: z.int(),
    subagents: z.array(
      sessionShape.extend({
        depth: z.int().min(1).describe("How far below the session."),
        run: runShape.nullable().describe("The newest."),
        activity: z.string().nullable().describe("What it is doing, as in `exec npm test`; null when it does nothing."),
        detached: z.boolean().describe("It goes on when what it works for is stopped."),
      }),
    ),
  }),
  async handle(core, { sessionKey }) {
    const subagents = (await core.subagents.list(sessionKey)).map(toldSubagent);
    return { sessionKey, count: subagents.length, subagents };
  },
});

function toldSubagent({ session, depth, run, activity }: Subagent) {
  return {
    ...toldSession(session),
    depth,
    run: run ? toRun(run) : null,
    activity: activity ?? null,
    detached: run?.spawn?.detached ?? false,
  };
}

export const subagentsCancel = defineRoute({
  name: "subagents.cancel",
  verb: "POST",
  scope: "write",
  summary:
    "Ends what a sub-agent is at, and with `tree` what is below it; of a session that is none, all below it. Its parent is told, unless it is the parent whose sub-agents are ended.",
  input: z.strictObject({ sessionKey, tree: z.boolean().default(true) }),
  output: z.strictObject({ sessionKey: z.string(), cancelled: z.int().describe("How many runs had not ended.") }),
  async handle(core, { sessionKey, tree }) {
    return { sessionKey, cancelled: await core.subagents.cancel(sessionKey, { tree }) };
  },
});
