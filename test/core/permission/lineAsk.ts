import type { ApprovalAsk } from "../../../src/core/ports/tool.ts";
import { reachedPlace } from "../../../src/rules/hostPattern.ts";

/** What a tool asks before it runs a line that would connect to these hosts. */
export function lineAsk(line: string, hosts: string[] = []): ApprovalAsk {
  return {
    summary: `run ${line}`,
    subject: { type: "command", command: line, cwd: "/" },
    reason: "runs a command",
    safe: false,
    protected: false,
    effects: [
      { kind: "run", place: line },
      ...hosts.map((host) => ({ kind: "connect" as const, place: reachedPlace(host) })),
    ],
  };
}
