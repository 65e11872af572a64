import { BoundedMap } from "../../base/boundedMap.ts";
import { CHANNELS } from "../../protocol/outside/channelNames.ts";
import { defined } from "../../base/defined.ts";
import type { Disposable } from "../../base/disposable.ts";
import type { Core } from "../../core/core.ts";
import type { AuditEntry } from "../../protocol/audit.ts";
import type { GatewayEvent, RunEvent } from "../../protocol/event.ts";
import { isRunEvent } from "../../protocol/eventKind.ts";
import type { Origin } from "../../protocol/message.ts";

export interface AuditCoreOptions {
  append: (entry: AuditEntry) => void;
  /** Whether what tools were given and gave back is recorded too. */
  withContent: () => boolean;
  /** Removes secrets. */
  redact: (value: unknown) => unknown;
}

/** Runs under way that are known at most. Where the end of one is never told, it goes as others come. */
export const MOST_RUNS = 5000;

/** What is known of a run until it ends. */
interface Followed {
  origin: Origin | null;
  /** By their ids, which are unique within a run at most. */
  calls: Map<string, { input?: unknown; allowedBy?: string }>;
}

/** Records every tool run and every answer to an approval. */
export function auditCore(core: Pick<Core, "events" | "runs">, options: AuditCoreOptions): Disposable {
  const { append, withContent, redact } = options;
  const runs = new BoundedMap<string, Followed>(MOST_RUNS);
  const follow = (runId: string): Followed => {
    const followed = runs.get(runId) ?? { origin: null, calls: new Map() };
    runs.set(runId, followed);
    return followed;
  };

  const record = (event: RunEvent): void => {
    const { runId, sessionKey } = event;
    const where = { sessionKey, runId };
    const run = runs.get(runId);
    const who = run?.origin ?? null;
    if (event.type === "run.started") follow(runId).origin = event.origin;
    else if (event.type === "run.resumed") {
      const followed = follow(runId);
      void core.runs.get(runId).then(({ origin }) => (followed.origin = origin), noOne);
    } else if (event.type === "run.finished") runs.delete(runId);
    else if (event.type === "approval.answered") {
      const { by, tool: asked = "unknown", decision, raised } = event;
      const tool = raised === undefined ? asked : `${asked}: ${raised}`;
      append({ kind: "approval", who: toOrigin(by), what: tool, outcome: decision, ...where });
    } else if (event.type === "hook.finished") {
      append({ kind: "hook", who, what: event.hook, outcome: event.outcome, durationMs: event.durationMs, ...where });
    } else if (event.type === "tool.started") {
      const given = { ...defined({ allowedBy: event.allowedBy }), ...(withContent() ? { input: event.input } : {}) };
      follow(runId).calls.set(event.callId, given);
    } else if (event.type === "tool.finished") {
      const { name, callId, isError, durationMs } = event;
      const call = run?.calls.get(callId) ?? {};
      const content = "input" in call ? { content: redact({ input: call.input }) } : {};
      const allowedBy = call.allowedBy === undefined ? {} : { allowedBy: redact(call.allowedBy) as string };
      run?.calls.delete(callId);
      const outcome = isError ? "failed" : "ok";
      append({
        kind: "tool",
        who: event.origin ?? who,
        what: name,
        outcome,
        durationMs,
        ...where,
        ...allowedBy,
        ...content,
      });
    }
  };
  return core.events.on((event: GatewayEvent) => {
    if (isRunEvent(event)) return record(event);
    if (event.type !== "hook.ended") return undefined;
    const { hook, outcome, durationMs, sessionKey, by: runId } = event;
    return append({ kind: "hook", who: null, what: hook, outcome, durationMs, sessionKey, runId });
  });
}

const VIAS = new Set<string>(["api", "panel", "palette", "cli", "openai", "mcp", ...CHANNELS, "webhook"]);

/** "panel", "api:ci"; nobody for what ran out of time. */
function toOrigin(by: string): Origin | null {
  const [via, ...id] = by.split(":");
  if (!VIAS.has(via!)) return null;
  return { via: via as Origin["via"], ...(id.length > 0 ? { id: id.join(":") } : {}) };
}

function noOne(): void {
  // The run was removed with its session meanwhile: what it did is recorded without a name.
}
