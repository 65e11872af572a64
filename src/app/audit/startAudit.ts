import type { Disposable } from "../../base/disposable.ts";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Redactor } from "../../base/redact.ts";
import type { Core } from "../../core/core.ts";
import type { CallRecord } from "../../gateway/calls/routeCaller.ts";
import { auditCore } from "./auditCore.ts";
import { openAuditLog, type AuditLog } from "./auditLog.ts";

export interface AuditStart {
  stateDir: string;
  clock: Clock;
  log: Log;
  redactor: Redactor;
  /** Whether what was written and read is recorded too. */
  withContent: () => boolean;
}

/** Records what the gateway is asked and what its agent does, from here on. */
export async function startAudit(options: AuditStart): Promise<{
  audit: AuditLog;
  onCall: (record: CallRecord) => void;
  follow: (core: Pick<Core, "events" | "runs">) => Disposable;
}> {
  const { redactor, withContent } = options;
  const audit = await openAuditLog(options);
  const redact = (value: unknown) => redactor.value(value);
  const append = audit.append.bind(audit);
  return {
    audit,
    onCall({ requestId, origin, method, status, code, durationMs, input }) {
      const outcome = code ?? (status >= 400 ? "failed" : "ok");
      const content = withContent() ? { content: redact({ input }) } : {};
      append({ kind: "call", who: origin, what: method, outcome, status, durationMs, requestId, ...content });
    },
    follow: (core) => auditCore(core, { append, withContent, redact }),
  };
}
