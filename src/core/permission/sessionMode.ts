import type { Origin } from "../../protocol/message.ts";
import type { RunRecord } from "../../protocol/run.ts";
import type { SessionMode } from "../../protocol/session.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import type { AgentSettings, ApprovalMode, SandboxMode } from "../ports/settings.ts";
import { holderOf } from "./allowances.ts";

/** How the calls of a run are decided, and whether its commands must run in a sandbox. */
export interface ModeInForce {
  approvals: ApprovalMode;
  sandbox: SandboxMode;
  /** Whether the run may only look. */
  plan: boolean;
}

/**
 * The mode of a run: the one that a person set for its session, for what the same person asks by the same door; else the
 * configuration's. Where that denies, nobody's word goes further. Everything unasked means everything in the sandbox. Where a
 * session plans, each of its runs does, whoever began it: that takes rights away, and gives none.
 */
export function modeInForce(
  { approvals, sandbox = "auto" }: Pick<AgentSettings, "approvals" | "sandbox">,
  session: Pick<StoredSession, "mode"> | undefined,
  run: Pick<RunRecord, "id" | "origin" | "plan">,
): ModeInForce {
  const own = session?.mode;
  const said = own && approvals !== "deny" && isSamePerson(own.by, run) ? own.is : undefined;
  if (run.plan || own?.is === "plan") return { approvals: whilePlanning(said ?? approvals), sandbox, plan: true };
  if (said === undefined || said === "plan") return { approvals, sandbox, plan: false };
  return { approvals: said, sandbox: said === "auto" ? "required" : sandbox, plan: false };
}

/** Who lets an agent plan lets it look, and no more. */
function whilePlanning(mode: SessionMode | ApprovalMode): ApprovalMode {
  return mode === "plan" || mode === "auto" ? "auto-safe" : mode;
}

function isSamePerson(by: Origin, run: Pick<RunRecord, "id" | "origin">): boolean {
  return holderOf({ id: run.id, origin: by }) === holderOf(run);
}
