import * as z from "zod";
import type { Core } from "../../core/core.ts";
import { type Call, defineRoute } from "../route.ts";
import { runEvents } from "../runEvents.ts";
import { attachmentShape } from "../shapes/message.ts";
import { modelId } from "../shapes/model.ts";
import { acceptedShape, replyShape, toAccepted, toReply } from "../shapes/reply.ts";
import { sessionKeyOrMain } from "../shapes/session.ts";
import { within } from "../within.ts";

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
});

const submit = (core: Core, { message, sessionKey, model, attachments }: z.output<typeof input>, call: Call) =>
  core.sessions.send({ text: message, origin: call.origin, sessionKey, model, attachments }, (run) =>
    call.keep(toAccepted(run)),
  );

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
    const run = await submit(core, input, call);
    const outcome = await within(run.outcome, input.timeoutSeconds * 1000, core.clock, call.signal);
    return outcome ? toReply(core, run, outcome, startedAt) : toAccepted(run);
  },
  async stream(core, input, call) {
    const sinceId = core.events.lastId();
    const run = await submit(core, input, call);
    return runEvents(core, run, sinceId, call.signal);
  },
});
