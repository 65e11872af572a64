import { BoundedMap } from "../../base/boundedMap.ts";
import type { Disposable } from "../../base/disposable.ts";
import { isAppError } from "../../base/appError.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { Core } from "../../core/core.ts";
import type { RunEvent } from "../../protocol/event.ts";
import type { HookEnd } from "../../protocol/hooks/ownHook.ts";
import { isRunEvent } from "../../protocol/eventKind.ts";
import { type RunRecord, worksFor } from "../../protocol/run.ts";
import type { OtlpWriter } from "./otlpWriter.ts";
import { defined } from "../../base/defined.ts";

// Under way at once. Where the end of one is never told, it goes as others come.
const MOST_RUNS = 5000;

/** What is known of a run while it goes on. */
interface Followed {
  trace: string;
  model: string | undefined;
  /** When the model was last asked, as far as it shows: the end of what came before its answer. */
  askedMs: number;
  tools: Map<string, { name: string; startMs: number }>;
}

/** Tells runs, their model calls and their tool calls. Says who did what and for how long, never what was said. */
export function followRuns(core: Pick<Core, "events" | "runs">, writer: OtlpWriter, log: Log): Disposable {
  const open = new BoundedMap<string, Followed>(MOST_RUNS);
  return core.events.on((event) => {
    if (event.type === "hook.finished" || event.type === "hook.ended") tellHook(writer, event);
    if (!isRunEvent(event)) return;
    const atMs = Date.parse(event.at);
    const run = open.get(event.runId);
    if (event.type === "run.started" || event.type === "run.resumed") {
      const above = event.type === "run.started" && event.origin.via === "subagent" ? event.origin.id : undefined;
      const trace = run?.trace ?? (above && open.get(above)?.trace) ?? above ?? event.runId;
      const model = event.type === "run.started" ? event.model : run?.model;
      open.set(event.runId, { trace, model, askedMs: atMs, tools: new Map() });
    } else if (event.type === "run.finished") {
      open.delete(event.runId);
      void core.runs.get(event.runId).then(
        (record) => tellRun(writer, record, run?.trace ?? event.runId),
        (error: unknown) => {
          // Its session was deleted with it.
          if (!isAppError(error)) log.warn("A run could not be told to telemetry", { error: describeError(error) });
        },
      );
    } else if (run) tellStep(writer, run, event, atMs);
  });
}

/** Of hooks how long they took, and how they came out. */
function tellHook(writer: OtlpWriter, { moment, hook, outcome, durationMs }: HookEnd): void {
  writer.measure("pincer.hook.duration", durationMs / 1000, {
    "pincer.hook.name": hook,
    "pincer.hook.moment": moment,
    "pincer.hook.outcome": outcome,
  });
}

function tellStep(writer: OtlpWriter, run: Followed, event: RunEvent, atMs: number): void {
  const { runId, sessionKey } = event;
  if (event.type === "usage") {
    const [provider = "", model = ""] = splitModel(event.model ?? run.model);
    const { usage } = event;
    const input = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
    const common = { "gen_ai.operation.name": "chat", "gen_ai.provider.name": provider, "gen_ai.request.model": model };
    writer.span({
      ...{ id: `${runId}/${event.id}`, parent: runId, trace: run.trace, name: `chat ${model}`, kind: "client" },
      ...{ startMs: run.askedMs, endMs: atMs },
      attributes: {
        ...common,
        "gen_ai.conversation.id": sessionKey,
        "gen_ai.usage.input_tokens": input,
        "gen_ai.usage.output_tokens": usage.outputTokens,
        "gen_ai.usage.cache_read.input_tokens": usage.cacheReadTokens,
        "pincer.cost.usd": usage.costUsd ?? undefined,
      },
    });
    writer.measure("gen_ai.client.token.usage", input, { ...common, "gen_ai.token.type": "input" });
    writer.measure("gen_ai.client.token.usage", usage.outputTokens, { ...common, "gen_ai.token.type": "output" });
    writer.measure("gen_ai.client.operation.duration", Math.max(0, atMs - run.askedMs) / 1000, common);
    run.askedMs = atMs;
  } else if (event.type === "tool.started") run.tools.set(event.callId, { name: event.name, startMs: atMs });
  else if (event.type === "tool.finished") {
    const { callId, name, isError, durationMs } = event;
    const startMs = run.tools.get(callId)?.startMs ?? atMs - durationMs;
    run.tools.delete(callId);
    run.askedMs = atMs;
    const common = { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": name };
    writer.span({
      ...{ id: `${runId}/${callId}`, parent: runId, trace: run.trace, name: `execute_tool ${name}`, kind: "internal" },
      ...{ startMs, endMs: atMs },
      attributes: { ...common, "gen_ai.tool.call.id": callId, "gen_ai.conversation.id": sessionKey },
      ...(isError ? { error: "The tool failed" } : {}),
    });
    writer.measure("gen_ai.client.operation.duration", Math.max(0, atMs - startMs) / 1000, common);
  }
}

function tellRun(writer: OtlpWriter, record: RunRecord, trace: string): void {
  const { id, sessionKey, origin, usage, outcome } = record;
  const [provider = "", model = ""] = splitModel(record.answeredBy ?? record.model);
  const parent = worksFor(record);
  const error = outcome?.type === "failed" ? outcome.error.code : outcome?.type === "done" ? undefined : outcome?.type;
  const startMs = Date.parse(record.startedAt ?? record.createdAt);
  const common = {
    "gen_ai.operation.name": "invoke_agent",
    "gen_ai.provider.name": provider,
    "gen_ai.request.model": model,
  };
  const endMs = Date.parse(record.finishedAt ?? record.createdAt);
  writer.span({
    ...{ id, trace, name: "invoke_agent pincer", kind: "internal", startMs, endMs },
    ...defined({ parent }),
    attributes: {
      ...common,
      "gen_ai.agent.name": "pincer",
      "gen_ai.conversation.id": sessionKey,
      "gen_ai.usage.input_tokens": usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens,
      "gen_ai.usage.output_tokens": usage.outputTokens,
      "pincer.run.id": id,
      "pincer.origin": origin.via,
      "pincer.job.id": origin.via === "cron" ? origin.id : undefined,
      "pincer.outcome": outcome?.type,
      "error.type": error,
    },
    ...defined({ error }),
  });
  writer.measure("gen_ai.client.operation.duration", Math.max(0, endMs - startMs) / 1000, common);
}

function splitModel(id: string | undefined): string[] {
  const at = id?.indexOf("/") ?? -1;
  return id === undefined || at < 0 ? ["", id ?? ""] : [id.slice(0, at), id.slice(at + 1)];
}
