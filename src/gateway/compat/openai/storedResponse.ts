import { OPENAI_KEYS } from "../../../core/state/sessionRepository.ts";
import { AppError, toErrorBody } from "../../../base/appError.ts";
import type { Core } from "../../../core/core.ts";
import type { RunRecord } from "../../../protocol/run.ts";
import type { Endpoint } from "../../http/endpoint.ts";
import { nameBelow } from "../../http/endpoint.ts";
import type { CompatContext } from "../compatContext.ts";
import { inputItems } from "./inputItems.ts";
import { toOpenaiError } from "./openaiError.ts";
import { type ResponseBody, toOpenBody, toResponseBody, toRunId } from "./responseBody.ts";

const PATH = "/v1/responses";
const LOOKED_BACK = 200;

/** GET /v1/responses/ID: the answer as it was given, or how far it is. DELETE takes it away, with its session. */
export function createStoredResponse({ core }: CompatContext): Endpoint[] {
  const door = { path: PATH, takesName: true as const, toErrorReply: toOpenaiError };
  return [
    {
      ...door,
      name: "openai.response",
      verbs: ["GET"],
      scope: "read",
      async handle(exchange) {
        const [id = "", below, more] = nameBelow(exchange, PATH).split("/");
        const run = await runOf(core, id);
        if (below === undefined) return { body: await toBody(core, run) };
        if (below === "input_items" && more === undefined)
          return { body: inputItems(run, exchange.query, await runBefore(core, run)) };
        throw new AppError("not_found", `There is nothing at ${exchange.path.slice(0, 200)}`);
      },
    },
    {
      ...door,
      name: "openai.response.delete",
      verbs: ["DELETE"],
      scope: "write",
      async handle(exchange) {
        const id = nameBelow(exchange, PATH);
        await remove(core, await runOf(core, id));
        return { body: { id, object: "response", deleted: true } };
      },
    },
  ];
}

/** Of an answer that was given here; `not_found` for runs of other doors. */
async function runOf(core: Core, id: string): Promise<RunRecord> {
  const run = await core.runs.get(toRunId(id));
  if (run.origin.via === "openai") return run;
  throw new AppError("not_found", "There is no response of this id");
}

/** The run whose calls this one was given results for. */
async function runBefore(core: Core, { id, sessionKey, answers }: RunRecord): Promise<RunRecord | undefined> {
  if (!answers) return undefined;
  const runs = await core.runs.list({ sessionKey, limit: LOOKED_BACK });
  return runs.slice(runs.findIndex((run) => run.id === id) + 1).find(({ outcome }) => {
    const calls = outcome?.type === "done" ? (outcome.calls ?? []) : [];
    return calls.some((call) => call.id === answers[0]?.callId);
  });
}

async function remove(core: Core, { id, sessionKey }: RunRecord): Promise<void> {
  const others = (await core.runs.list({ sessionKey, limit: 2 })).filter((run) => run.id !== id);
  if (!sessionKey.startsWith(OPENAI_KEYS) || others.length > 0) {
    throw new AppError(
      "conflict",
      `This answer is part of session ${sessionKey}, which holds others too: delete the session (POST /api/sessions/delete)`,
    );
  }
  await core.sessions.delete(sessionKey);
}

async function toBody(core: Core, run: RunRecord): Promise<ResponseBody> {
  const { outcome, usage, metadata, sampling, clientTools, form } = run;
  const request = {
    model: "pincer",
    metadata,
    max_output_tokens: sampling?.maxOutputTokens,
    temperature: sampling?.temperature,
    top_p: sampling?.topP,
    tools: clientTools?.tools.map(({ name, description, inputSchema }) => ({
      type: "function",
      name,
      description,
      parameters: inputSchema,
    })),
    ...(form ? { text: { format: { type: "json_schema" as const, name: form.name, schema: form.schema } } } : {}),
  };
  const frame = { request, createdAt: Math.floor(Date.parse(run.createdAt) / 1000) };
  if (!outcome) return { ...toOpenBody(frame, run.id), status: "in_progress" };
  if (outcome.type === "done") {
    const { reply, result, calls = [] } = outcome;
    const said = result === undefined ? reply : JSON.stringify(result);
    return toResponseBody(frame, { runId: run.id, reply: said, calls, usage, ended: await endOf(core, run) });
  }
  const open = toOpenBody(frame, run.id);
  if (outcome.type === "cancelled") return { ...open, status: "cancelled" };
  const error =
    outcome.type === "failed"
      ? outcome.error
      : toErrorBody(
          new AppError(outcome.type === "timed_out" ? "timed_out" : "unavailable", `The run was ${outcome.type}`),
        );
  return { ...open, status: "failed", error: toOpenaiError(error).error };
}

/** How its last words ended, as they did when it was given. */
async function endOf(core: Core, { id, sessionKey }: RunRecord) {
  const { messages } = await core.sessions.history(sessionKey, { limit: 200, includeTools: false });
  const last = messages.findLast((message) => message.runId === id && message.role === "assistant");
  return last?.role === "assistant" ? last.ended : undefined;
}
