import * as z from "zod";
import { AppError } from "../../../base/appError.ts";
import { promptArguments, promptName } from "../../../protocol/context/prompt.ts";
import { defined } from "../../../base/defined.ts";
import type { Core } from "../../../core/core.ts";
import type { SendRequest } from "../../../protocol/run.ts";
import { askOnce, cacheShape, refuseCachedStream, toCachedReply } from "../../calls/cachedReply.ts";
import { type Call, defineRoute } from "../../calls/route.ts";
import { isPhone } from "../../calls/scope.ts";
import { runEvents } from "../../calls/runEvents.ts";
import { budgetFields } from "../../../protocol/run.ts";
import { attachmentShape } from "../../../protocol/message.ts";
import { modelId } from "../../../protocol/model.ts";
import { sessionKeyOrMain } from "../../../protocol/session.ts";
import { outputSchema, toForm } from "../../../protocol/replyForm.ts";
import {
  acceptedShape,
  laterReply,
  outcomeOf,
  replyShape,
  replyTimeout,
  toAccepted,
  toReply,
} from "../../calls/reply.ts";
import { MOST_CARRIED } from "../../../base/attachments/mostCarried.ts";
import { within } from "../../../base/wait.ts";

const input = z.strictObject({
  message: z.string().optional().describe("What is said; or else a `prompt`. With `attachments` it may be left out."),
  prompt: promptName
    .optional()
    .describe("Sends what is kept under this name (`prompts.list`). The history shows /NAME and its arguments."),
  arguments: promptArguments.optional().describe("For the prompt: a text, or its inputs by name."),
  sessionKey: sessionKeyOrMain,
  timeoutSeconds: replyTimeout,
  model: modelId.optional().describe("For this run only."),
  mode: z
    .literal("plan")
    .optional()
    .describe("The run may only look, and so may its sub-agents; its reply is a plan (`plans.accept`)."),
  attachments: z.array(attachmentShape).max(MOST_CARRIED).optional(),
  outputSchema: outputSchema.optional(),
  ...budgetFields,
  cache: cacheShape,
});

/** What a paired phone may say of a send. */
const PLAIN = new Set(["message", "sessionKey", "timeoutSeconds"]);

const toRequest = async (core: Core, given: z.output<typeof input>, { origin, scope }: Call): Promise<SendRequest> => {
  const beyond = Object.entries(given).find(([name, value]) => value !== undefined && !PLAIN.has(name));
  if (isPhone(scope) && beyond)
    throw new AppError("forbidden", `A phone sends a message alone: ${beyond[0]} is chosen at the computer`);
  const { sessionKey, model, attachments, budgetUsd, budgetTokens } = given;
  const form = toForm(given.outputSchema);
  return {
    ...(await saidIn(core, given)),
    origin,
    sessionKey,
    model,
    attachments,
    budgetUsd,
    budgetTokens,
    ...defined({ form, plan: given.mode === "plan" || undefined }),
  };
};

/** The message, or what a prompt makes of its arguments. */
async function saidIn(
  core: Core,
  { message, prompt, sessionKey, attachments = [], ...given }: z.output<typeof input>,
): Promise<Pick<SendRequest, "text" | "prompt">> {
  if (message !== undefined && prompt !== undefined) throw misfit("prompt", "A send has either a message or a prompt");
  if (prompt === undefined && given.arguments !== undefined) throw misfit("arguments", "Only a prompt has arguments");
  if (prompt === undefined) return { text: wordsOf(message, attachments.length > 0) };
  const { workspace } = await core.sessions.get(sessionKey);
  return await core.prompts.use(prompt, given.arguments ?? "", workspace);
}

/** Blank ones are none, which is enough where files say the rest. */
function wordsOf(message = "", hasFiles: boolean): string {
  if (message.trim() !== "") return message;
  if (!hasFiles) throw misfit("message", "Expected some text, a prompt or attachments");
  return "";
}

const submit = (core: Core, request: SendRequest, call: Call) =>
  core.sessions.send(request, (run) => ({ answers: call.keep(toAccepted(run)) }));

export const sessionsSend = defineRoute({
  name: "sessions.send",
  verb: "POST",
  scope: "write",
  phone: "send",
  summary:
    "Sends a message to a session and waits for the reply. 202 when the wait ends first: the run goes on. A paired phone gives `message`, `sessionKey` and `timeoutSeconds` alone.",
  input,
  output: z.discriminatedUnion("status", [replyShape, acceptedShape]),
  status: (output) => (output.status === "accepted" ? 202 : 200),
  async handle(core, input, call) {
    const startedAt = core.clock.now();
    const request = await toRequest(core, input, call);
    const asked = await askOnce(core, request, input.cache, () => submit(core, request, call));
    if ("found" in asked) return toCachedReply(core, asked.found, startedAt);
    const { run, isOwn } = asked;
    const outcome = await within(core.clock, input.timeoutSeconds * 1000, outcomeOf(run), call.signal);
    if (!outcome) return toAccepted(run);
    // One that could not be stored yet is not waited for.
    const stored = outcome.type === "done" ? await asked.stored : undefined;
    if (stored && !isOwn) return toCachedReply(core, stored, startedAt);
    return toReply(core, run, outcome, startedAt);
  },
  goOn: (core, begun, { timeoutSeconds }, { signal }) => laterReply(core, begun, timeoutSeconds * 1000, signal),
  async stream(core, input, call) {
    refuseCachedStream(input.cache);
    const sinceId = core.events.lastId();
    const run = await submit(core, await toRequest(core, input, call), call);
    return runEvents(core, run, sinceId, call.signal);
  },
});

function misfit(path: string, message: string): AppError {
  return new AppError("bad_request", `${path}: ${message}`, { details: [{ path, message }] });
}
