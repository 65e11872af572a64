import type { GivenRules } from "../../rules/reach.ts";
import type { ApprovalMode, SandboxMode } from "./settings.ts";

/** What holds for the commands of a run; by its rules they reach the network. */
export interface CommandPolicy extends GivenRules {
  approvals: ApprovalMode;
  sandbox: SandboxMode;
  /** A job is rehearsed: what a person allows goes no further than it would with nobody there. */
  rehearsed?: true;
}

/** Whether commands can be kept within bounds on this system, and by what; or why not, as the end of a sentence. */
export type SandboxState = { holds: true; kind: "bubblewrap" | "sandbox-exec" } | { holds: false; reason: string };
