import type { Routes } from "../../routes/routeTable.ts";

/** What a tool does, as clients show and weigh it. Hints, none of them a right. */
export interface McpHints {
  readOnlyHint: boolean;
  /** Of what is not read-only: whether it may take away or replace what is there. */
  destructiveHint?: boolean;
  /** Doing it again changes nothing more. */
  idempotentHint?: boolean;
  /** It reaches beyond this machine's own things. */
  openWorldHint: boolean;
}

interface RouteTool {
  route: keyof Routes;
  title: string;
  hints: McpHints;
}

const reads: McpHints = { readOnlyHint: true, openWorldHint: false };
const adds: McpHints = { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false };
const takesAway: McpHints = { ...adds, destructiveHint: true, idempotentHint: true };
// An agent at work does what its own rules let it.
const works: McpHints = { ...adds, destructiveHint: true, openWorldHint: true };

/** Routes that are tools here, by the names that the agent's own tools have. */
export const ROUTE_TOOLS: Record<string, RouteTool> = {
  sessions_send: { route: "sessions.send", title: "Send a message to a session", hints: works },
  sessions_spawn: { route: "sessions.spawn", title: "Spawn a sub-agent", hints: works },
  sessions_steer: { route: "sessions.steer", title: "Steer a sub-agent", hints: works },
  sessions_cancel: { route: "subagents.cancel", title: "Stop sub-agents", hints: takesAway },
  subagents_list: { route: "subagents.list", title: "List sub-agents", hints: reads },
  sessions_list: { route: "sessions.list", title: "List sessions", hints: reads },
  sessions_history: { route: "sessions.history", title: "Read a session", hints: reads },
  session_status: { route: "session.status", title: "Show a session's status", hints: reads },
  runs_wait: { route: "runs.wait", title: "Wait for a run", hints: reads },
  cron_list: { route: "cron.list", title: "List jobs", hints: reads },
  cron_add: { route: "cron.add", title: "Add a job", hints: adds },
  cron_update: { route: "cron.update", title: "Change a job", hints: { ...takesAway } },
  cron_remove: { route: "cron.remove", title: "Remove a job", hints: takesAway },
  cron_run: { route: "cron.run", title: "Run a job now", hints: works },
};

/** Of the agent's own tools, by what they do. */
export function hintsOf(effect: string | undefined): McpHints {
  if (effect === "read") return reads;
  return effect === "write" ? { ...takesAway, idempotentHint: false } : works;
}

/** "apply_patch" -> "Apply patch". */
export function titleOf(name: string): string {
  const words = name
    .replace(/^mcp__/, "")
    .replaceAll(/_+/g, " ")
    .trim();
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
