import type { GatewayStatus } from "../host/windowGateway.ts";

/** What the status bar item says besides its tooltip. */
export interface StatusText {
  text: string;
  /** Spoken by screen readers: without icons. */
  label: string;
  isError: boolean;
  needsInput: boolean;
}

export interface Activity {
  /** Runs at work. */
  busy: number;
  /** Approvals that wait. */
  waiting: number;
}

/** stopped, restricted, starting, error, needs input, busy, attached or running: the first of these that holds. */
export function statusText(status: GatewayStatus, { busy, waiting }: Activity): StatusText {
  const say = (icon: string, words: string, more: Partial<StatusText> = {}): StatusText => ({
    text: words ? `$(${icon}) Pincer: ${words}` : `$(${icon}) Pincer`,
    label: words ? `Pincer: ${words}` : "Pincer: running",
    isError: false,
    needsInput: false,
    ...more,
  });
  switch (status.state) {
    case "stopped":
      return say("circle-slash", "stopped");
    case "restricted":
      return say("shield", "restricted");
    case "starting":
      return say("loading~spin", "starting");
    case "error":
      return say("error", "error", { isError: true });
    case "running":
      if (waiting > 0)
        return say("bell-dot", waiting === 1 ? "1 approval" : `${waiting} approvals`, { needsInput: true });
      if (busy > 0) return say("sync~spin", busy === 1 ? "1 run" : `${busy} runs`);
      return status.role === "client" ? say("plug", "attached") : say("pass", "");
  }
}
