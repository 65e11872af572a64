import type { IdempotencyRecord } from "../../../core/ports/batch.ts";
import type { Exchange } from "../../http/endpoint.ts";
import type { CompatContext } from "../compatContext.ts";
import type { ToolResult } from "./toolResult.ts";

/** One call of a tool, in OpenClaw's form. */
export interface ToolInvocation {
  context: CompatContext;
  exchange: Exchange;
  /** What is to be put down with what the call does, by what it comes to. */
  keep(result: ToolResult): IdempotencyRecord[];
  /** A gateway ended in the same call before, and nobody knows how far it came. */
  isRepeat: boolean;
  args: Record<string, unknown>;
  /** The session that the call is made from. */
  sessionKey: string;
}
