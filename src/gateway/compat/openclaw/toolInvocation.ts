import type { Exchange } from "../../http/endpoint.ts";
import type { CompatContext } from "../compatContext.ts";

/** One call of a tool, in OpenClaw's form. */
export interface ToolInvocation {
  context: CompatContext;
  exchange: Exchange;
  args: Record<string, unknown>;
  /** The session that the call is made from. */
  sessionKey: string;
}
