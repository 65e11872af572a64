import type { Texts } from "../../base/text/texts.ts";
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
export function statusText(status: GatewayStatus, { busy, waiting }: Activity, texts: Texts): StatusText {
  const { t, plural } = texts;
  const say = (icon: string, words: string, more: Partial<StatusText> = {}): StatusText => ({
    text: words ? `$(${icon}) Pincer: ${words}` : `$(${icon}) Pincer`,
    label: `Pincer: ${words || t("running")}`,
    isError: false,
    needsInput: false,
    ...more,
  });
  switch (status.state) {
    case "stopped":
      return say("circle-slash", t("stopped"));
    case "restricted":
      return say("shield", t("restricted"));
    case "starting":
      return say("loading~spin", t("starting"));
    case "error":
      return say("error", t("error"), { isError: true });
    case "running":
      if (waiting > 0) return say("bell-dot", plural(waiting, "{0} approval", "{0} approvals"), { needsInput: true });
      if (busy > 0) return say("sync~spin", plural(busy, "{0} run", "{0} runs"));
      return status.role === "client" ? say("plug", t("attached")) : say("pass", "");
  }
}
