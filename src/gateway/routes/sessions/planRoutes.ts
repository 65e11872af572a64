import * as z from "zod";
import { within } from "../../../base/wait.ts";
import { modelId } from "../../../protocol/model.ts";
import { runId } from "../../../protocol/run.ts";
import { sessionKeyOrMain } from "../../../protocol/session.ts";
import {
  acceptedShape,
  laterReply,
  outcomeOf,
  replyShape,
  replyTimeout,
  toAccepted,
  toReply,
} from "../../calls/reply.ts";
import { defineRoute } from "../../calls/route.ts";

export const plansGet = defineRoute({
  name: "plans.get",
  verb: "GET",
  scope: "read",
  summary: "The plan that a session waits with. 404 where its newest run wrote none, or is still at it.",
  input: z.strictObject({ sessionKey: sessionKeyOrMain }),
  output: z.strictObject({
    runId: z.string().describe("The run that wrote it."),
    sessionKey: z.string(),
    text: z.string().describe("Markdown."),
    holds: z.boolean().describe("Until it is accepted, every run of the session may only look."),
  }),
  handle: (core, { sessionKey }) => core.plans.get(sessionKey),
});

export const plansAccept = defineRoute({
  name: "plans.accept",
  verb: "POST",
  scope: "write",
  summary:
    "Has the plan that a session waits with carried out, by a run with the session's usual rights, and waits for the reply. Where the session's mode is `plan`, that ends, and so it takes the scope that `approvals.mode` does.",
  input: z.strictObject({
    sessionKey: sessionKeyOrMain,
    runId: runId.optional().describe("The run that wrote it: 409 when another plan waits by now."),
    text: z
      .string()
      .regex(/[^\s\p{Default_Ignorable_Code_Point}]/u, "Expected some text")
      .max(200_000)
      .optional()
      .describe("The plan as it was edited; as it was written when not given."),
    timeoutSeconds: replyTimeout,
    model: modelId.optional().describe("For this run only."),
  }),
  output: z.discriminatedUnion("status", [replyShape, acceptedShape]),
  status: (output) => (output.status === "accepted" ? 202 : 200),
  async handle(core, { timeoutSeconds, ...acceptance }, { origin, scope, signal, keep }) {
    const startedAt = core.clock.now();
    const accepted = { ...acceptance, origin, endsMode: scope === "admin" };
    const run = await core.plans.accept(accepted, (made) => ({ answers: keep(toAccepted(made)) }));
    const outcome = await within(core.clock, timeoutSeconds * 1000, outcomeOf(run), signal);
    return outcome ? await toReply(core, run, outcome, startedAt) : toAccepted(run);
  },
  goOn: (core, begun, { timeoutSeconds }, { signal }) => laterReply(core, begun, timeoutSeconds * 1000, signal),
});

export const plansEnd = defineRoute({
  name: "plans.end",
  verb: "POST",
  scope: "write",
  summary:
    "Ends the plan that was accepted in a session: its model is told so, and of the plan no more. 404 where none holds, 409 while the session is at work.",
  input: z.strictObject({ sessionKey: sessionKeyOrMain }),
  output: z.strictObject({ sessionKey: z.string(), ended: z.literal(true) }),
  async handle(core, { sessionKey }, { origin, keep }) {
    const ended = { sessionKey, ended: true as const };
    await core.plans.end({ sessionKey, origin, answers: keep(ended) });
    return ended;
  },
});
