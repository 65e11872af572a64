import { describeError, type Log } from "../../base/log.ts";
import type { HookMoment } from "../../protocol/hooks/ownHook.ts";
import type { RunRecord } from "../../protocol/run.ts";
import type { RealFolder } from "../ports/folders.ts";
import type { Hooks } from "../ports/outside/hooks.ts";
import type { EventLog } from "../state/eventLog.ts";
import type { SessionRepository } from "../state/sessionRepository.ts";

/** Calls hooks that no run waits for. */
export interface BesideHooks {
  tell(moment: HookMoment, run: Pick<RunRecord, "id" | "sessionKey" | "origin">, body: Record<string, unknown>): void;
  /** Ends those under way, and resolves when they have ended. */
  close(): Promise<void>;
}

export interface BesideHooksOptions {
  hooks?: Hooks | undefined;
  events: EventLog;
  sessionRepository: SessionRepository;
  realFolder: RealFolder;
  log: Log;
}

// A hook that hangs must not gather processes without end.
const MOST_AT_ONCE = 20;

export function createBesideHooks(options: BesideHooksOptions): BesideHooks {
  const { hooks, events, sessionRepository, realFolder, log } = options;
  const closing = new AbortController();
  const underWay = new Set<Promise<void>>();

  const call = async (moment: HookMoment, run: Parameters<BesideHooks["tell"]>[1], body: Record<string, unknown>) => {
    const { id: runId, sessionKey, origin } = run;
    // Its session may be gone by now.
    const session = await sessionRepository.get(sessionKey).catch(() => undefined);
    const folder = session?.workspace === undefined ? "" : realFolder(session.workspace);
    const told = { runId, sessionKey, origin, workspace: folder, ...body };
    for (const end of await hooks!.call({ moment, folder, body: told }, closing.signal)) {
      events.tell({ type: "hook.ended", ...end, sessionKey, by: runId });
      if (end.outcome !== "ok") log.warn(`The hook ${end.hook} (${moment}) failed`, { runId, error: end.reason });
    }
  };

  return {
    tell(moment, run, body) {
      if (closing.signal.aborted || !hooks?.has(moment)) return;
      if (underWay.size >= MOST_AT_ONCE) {
        const reason = `It was not called: ${MOST_AT_ONCE} hooks are under way already`;
        log.warn(`A hook (${moment}) failed`, { runId: run.id, error: reason });
        const end = { moment, hook: moment, outcome: "failed", reason, durationMs: 0 } as const;
        return events.tell({ type: "hook.ended", ...end, sessionKey: run.sessionKey, by: run.id });
      }
      const told = call(moment, run, body)
        .catch((error: unknown) => log.error("A hook could not be called", { error: describeError(error) }))
        .finally(() => underWay.delete(told));
      underWay.add(told);
    },
    async close() {
      closing.abort();
      await Promise.all(underWay);
    },
  };
}
