import type { Origin } from "../../protocol/message.ts";
import type { RunRecord } from "../../protocol/run.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import type { AgentSettings, ApprovalMode, SandboxMode } from "../ports/settings.ts";
import { holderOf } from "./allowances.ts";

/** How the calls of a run are decided, and whether its commands must run in a sandbox. */
export interface ModeInForce {
  approvals: ApprovalMode;
  sandbox: SandboxMode;
}

/**
 * The mode of a run: the one that a person set for its session, for what the same person asks by the same door; else the
 * configuration's. Where that denies, nobody's word goes further. Everything unasked means everything in the sandbox.
 */
export function modeInForce(
  { approvals, sandbox = "auto" }: Pick<AgentSettings, "approvals" | "sandbox">,
  session: Pick<StoredSession, "mode"> | undefined,
  run: Pick<RunRecord, "id" | "origin">,
): ModeInForce {
  const own = session?.mode;
  if (!own || approvals === "deny" || !isSamePerson(own.by, run)) return { approvals, sandbox };
  return { approvals: own.is, sandbox: own.is === "auto" ? "required" : sandbox };
}

function isSamePerson(by: Origin, run: Pick<RunRecord, "id" | "origin">): boolean {
  return holderOf({ id: run.id, origin: by }) === holderOf(run);
}
