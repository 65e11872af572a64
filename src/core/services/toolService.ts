import type { Attachment, Origin } from "../../protocol/message.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import type { ToolSpec } from "../ports/provider.ts";
import type { ToolEffect } from "../ports/tool.ts";

export interface ToolRunner {
  /** In the order the model sees them. */
  specs(session: StoredSession): ToolSpec[];
  /** What a tool does to the world; undefined when there is none of that name. */
  effect(name: string): ToolEffect | undefined;
  /** Runs one call by hand, approvals included; attributed to the session. */
  invoke(call: {
    sessionKey: string;
    name: string;
    input: unknown;
    origin: Origin;
    signal: AbortSignal;
  }): Promise<{ text: string; isError: boolean; images?: Attachment[] }>;
}
