import type { ApprovalMode, SandboxMode } from "./settings.ts";

/** What holds for commands, whoever asks. */
export interface CommandPolicy {
  approvals: ApprovalMode;
  sandbox: SandboxMode;
  /** Hosts that a sandboxed command reaches without being asked about; "*" for all. */
  hosts: string[];
}

/** Whether commands can be kept within bounds on this system, and by what; or why not, as the end of a sentence. */
export type SandboxState = { holds: true; kind: "bubblewrap" | "sandbox-exec" } | { holds: false; reason: string };
