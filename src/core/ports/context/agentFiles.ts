import type { AgentPart } from "../../../protocol/context/agentPart.ts";

/** The agents that files describe: the user's own, and a workspace's. Read afresh each time. */
export interface AgentFiles {
  /** By name; those that cannot be used too, each with its `problem`. */
  list(workspace: string | undefined): Promise<AgentPart[]>;
  /** From now on the content of this digest is used without a question. */
  confirm(hash: string): Promise<void>;
}
