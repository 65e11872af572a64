import * as z from "zod";
import { describeError } from "../../base/log.ts";
import type { Core, Run } from "../../core/core.ts";
import type { GatewayEvent } from "../../protocol/event.ts";
import { type Call, defineRoute } from "../route.ts";
import { runEvents } from "../runEvents.ts";
import { modelId } from "../shapes/model.ts";
import { acceptedShape, replyShape, toAccepted, toReply } from "../shapes/reply.ts";
import { sessionKey } from "../shapes/session.ts";
import { within } from "../within.ts";

const input = z.strictObject({
  task: z.string().regex(/\S/, "Expected some text"),
  model: modelId.optional(),
  runTimeoutSeconds: z
    .number()
    .positive()
    .max(86_400)
    .default(300)
    .describe("Limit of the run; passing it cancels the run."),
  label: z.string().min(1).max(200).optional().describe("Title of the new session."),
  parentSessionKey: sessionKey.optional(),
  workspace: z.string().min(1).max(4096).optional().describe("Folder that tools work in."),
  wait: z.boolean().default(true),
  cleanup: z
    .enum(["keep", "delete"])
    .default("keep")
    .describe("What becomes of the new session when the run has ended."),
});

const child = { childSessionKey: z.string() };

const submit = (core: Core, request: z.output<typeof input>, call: Call) =>
  core.sessions.send(
    {
      text: request.task,
      origin: call.origin,
      parentKey: request.parentSessionKey,
      label: request.label,
      workspace: request.workspace,
      model: request.model,
      timeoutMs: request.runTimeoutSeconds * 1000,
    },
    (run) => call.keep(toSpawned(run)),
  );

const toSpawned = (run: Pick<Run, "id" | "sessionKey">) => ({ ...toAccepted(run), childSessionKey: run.sessionKey });

export const sessionsSpawn = defineRoute({
  name: "sessions.spawn",
  verb: "POST",
  scope: "write",
  summary:
    "Runs a task in a new isolated session and waits for its reply; `sessionKey` and `childSessionKey` are both the new session's.",
  input,
  output: z.discriminatedUnion("status", [replyShape.extend(child), acceptedShape.extend(child)]),
  status: (output) => (output.status === "accepted" ? 202 : 200),
  async handle(core, input, call) {
    const startedAt = core.clock.now();
    const run = await submit(core, input, call);
    const childSessionKey = run.sessionKey;
    const outcome = input.wait ? await within(run.outcome, Infinity, core.clock, call.signal) : undefined;
    try {
      return outcome ? { ...(await toReply(core, run, outcome, startedAt)), childSessionKey } : toSpawned(run);
    } finally {
      if (input.cleanup === "delete") removeAfter(core, run);
    }
  },
  async stream(core, input, call) {
    const sinceId = core.events.lastId();
    const run = await submit(core, input, call);
    const events = runEvents(core, run, sinceId, call.signal);
    return input.cleanup === "delete" ? thenRemove(core, run, events) : events;
  },
});

/** Removes the run's session once the run has ended, whoever still waits for it. */
function removeAfter(core: Core, run: Run): void {
  run.outcome
    .then(() => core.sessions.delete(run.sessionKey))
    .catch((error: unknown) =>
      core.log.warn("A spawned session could not be removed", {
        sessionKey: run.sessionKey,
        error: describeError(error),
      }),
    );
}

async function* thenRemove(core: Core, run: Run, events: AsyncIterable<GatewayEvent>): AsyncGenerator<GatewayEvent> {
  try {
    yield* events;
  } finally {
    removeAfter(core, run);
  }
}
