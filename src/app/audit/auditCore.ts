import { CHANNELS } from "../../base/channelNames.ts";
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

/** Records every tool run and every answer to an approval. */
export function auditCore(core: Pick<Core, "events" | "runs">, options: AuditCoreOptions): Disposable {
  const { append, withContent, redact } = options;
  const origins = new Map<string, Origin>();
  const inputs = new Map<string, unknown>();
  const allowers = new Map<string, string>();

  const record = (event: RunEvent): void => {
    const { runId, sessionKey } = event;
    const where = { sessionKey, runId };
    const who = origins.get(runId) ?? null;
    if (event.type === "run.started") origins.set(runId, event.origin);
    else if (event.type === "run.resumed")
      void core.runs.get(runId).then(({ origin }) => origins.set(runId, origin), noOne);
    else if (event.type === "run.finished") origins.delete(runId);
    else if (event.type === "approval.answered") {
      const { by, tool: asked = "unknown", decision, raised } = event;
      const tool = raised === undefined ? asked : `${asked}: ${raised}`;
      append({ kind: "approval", who: toOrigin(by), what: tool, outcome: decision, ...where });
    } else if (event.type === "hook.finished") {
      append({ kind: "hook", who, what: event.hook, outcome: event.outcome, durationMs: event.durationMs, ...where });
    } else if (event.type === "tool.started") {
      if (event.allowedBy !== undefined) allowers.set(event.callId, event.allowedBy);
      if (withContent()) inputs.set(event.callId, event.input);
    } else if (event.type === "tool.finished") {
      const { name, callId, isError, durationMs } = event;
      const content = inputs.has(callId) ? { content: redact({ input: inputs.get(callId) }) } : {};
      const allowedBy = allowers.has(callId) ? { allowedBy: redact(allowers.get(callId)) as string } : {};
      inputs.delete(callId);
      allowers.delete(callId);
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
