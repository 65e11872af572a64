/** How a tool call stands: `interrupted` when its end is not known, `stopped` when it was never made. */
export type CallState = "running" | "waiting" | "ok" | "failed" | "interrupted" | "denied" | "stopped";
