import * as z from "zod";
import { defined } from "../../../base/defined.ts";
import type { Core } from "../../../core/core.ts";
import type { SendRequest } from "../../../protocol/run.ts";
import { askOnce, cacheShape, refuseCachedStream, toCachedReply } from "../../calls/cachedReply.ts";
import { type Call, defineRoute } from "../../calls/route.ts";
import { runEvents } from "../../calls/runEvents.ts";
import { budgetFields } from "../../../protocol/run.ts";
import { attachmentShape } from "../../../protocol/message.ts";
import { modelId } from "../../../protocol/model.ts";
import { sessionKeyOrMain } from "../../../protocol/session.ts";
import { outputSchema, toForm } from "../../../protocol/replyForm.ts";
import { acceptedShape, outcomeOf, replyShape, toAccepted, toReply } from "../../calls/reply.ts";
import { within } from "../../../base/wait.ts";

const input = z.strictObject({
  message: z.string().regex(/\S/, "Expected some text"),
  sessionKey: sessionKeyOrMain,
  timeoutSeconds: z
    .number()
    .min(0)
    .max(3600)
    .default(120)
    .describe("How long to wait for the reply; the run goes on after it."),
  model: modelId.optional().describe("For this run only."),
  attachments: z.array(attachmentShape).max(20).optional(),
  outputSchema: outputSchema.optional(),
  ...budgetFields,
  cache: cacheShape,
});

const toRequest = (given: z.output<typeof input>, { origin }: Call): SendRequest => {
  const { message, sessionKey, model, attachments, budgetUsd, budgetTokens } = given;
  const form = toForm(given.outputSchema);
  return { text: message, origin, sessionKey, model, attachments, budgetUsd, budgetTokens, ...defined({ form }) };
};

const submit = (core: Core, request: SendRequest, call: Call) =>
  core.sessions.send(request, (run) => ({ answers: call.keep(toAccepted(run)) }));

export const sessionsSend = defineRoute({
  name: "sessions.send",
  verb: "POST",
  scope: "write",
  summary: "Sends a message to a session and waits for the reply. 202 when the wait ends first: the run goes on.",
  input,
  output: z.discriminatedUnion("status", [replyShape, acceptedShape]),
  status: (output) => (output.status === "accepted" ? 202 : 200),
  async handle(core, input, call) {
    const startedAt = core.clock.now();
    const request = toRequest(input, call);
    const asked = await askOnce(core, request, input.cache, () => submit(core, request, call));
    if ("found" in asked) return toCachedReply(core, asked.found, startedAt);
    const { run, isOwn } = asked;
    const outcome = await within(core.clock, input.timeoutSeconds * 1000, outcomeOf(run), call.signal);
    if (!outcome) return toAccepted(run);
    const stored = await asked.stored;
    if (stored && !isOwn) return toCachedReply(core, stored, startedAt);
    return toReply(core, run, outcome, startedAt);
  },
  async stream(core, input, call) {
    refuseCachedStream(input.cache);
    const sinceId = core.events.lastId();
    const run = await submit(core, toRequest(input, call), call);
    return runEvents(core, run, sinceId, call.signal);
  },
});
