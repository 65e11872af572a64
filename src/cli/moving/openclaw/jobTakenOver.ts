import { isAppError } from "../../../base/appError.ts";
import { isChannel } from "../../../protocol/outside/channelNames.ts";
import { readMovedLine } from "../../../base/input/readMovedLine.ts";
import { parseInput } from "../../../base/input/parseInput.ts";
import { quotedLine } from "../../../base/text/visible.ts";
import { newJobSchema } from "../../../schedule/jobSchema.ts";
import type { MovedJob } from "../../../protocol/written/movedLine.ts";
import { defined } from "../../../base/defined.ts";

type Given = Record<string, unknown>;

/** A job of OpenClaw's as one of ours, with what of it has no place here; or why it has none at all. */
export type FoundJob = { job: MovedJob; leftOut: string[] } | { refused: string };

/** `keyOf`: what a session's key becomes here. */
export function toJob(given: unknown, keyOf: (key: string) => string): FoundJob {
  const job = record(given);
  const name = text(job["name"]) ?? text(job["displayName"]) ?? text(job["id"]);
  const id = text(job["id"]) ?? text(job["jobId"]);
  if (id === undefined || name === undefined) return { refused: "A job without an id" };
  const leftOut: string[] = [];
  const left = (what: string) => leftOut.push(`Job ${quotedLine(name)}: ${what}`);
  const payload = toPayload(record(job["payload"]));
  if (!payload)
    return { refused: `Job ${quotedLine(name)}: what it does is neither an event nor a message for the agent` };
  const of = record(job["payload"]);
  const delivery = toDelivery(job, of, left);
  const wished = text(job["sessionTarget"]) ?? (payload.kind === "systemEvent" ? "main" : "isolated");
  const target = payload.kind === "heartbeat" ? "isolated" : toTarget(wished, text(job["sessionKey"]), keyOf);
  if (payload.kind === "heartbeat" && wished !== "isolated")
    left("its heartbeat looked around in the main session; here in one of its own");
  for (const [field, where] of [
    ["thinking", of],
    ["fallbacks", of],
    ["toolsAllow", of],
    ["lightContext", of],
    ["failureAlert", job],
    ["wakeMode", job],
    ["deleteAfterRun", job],
    ["agentId", job],
  ] as const) {
    const value = where[field];
    const isPlain =
      value === undefined ||
      value === null ||
      (field === "wakeMode" && value === "now") ||
      (field === "agentId" && value === "main");
    const isAll = field === "toolsAllow" && Array.isArray(value) && value.includes("*");
    if (!isPlain && !isAll && value !== false) left(`\`${field}\` has no counterpart`);
  }
  const model = text(of["model"]);
  const seconds = of["timeoutSeconds"];
  const candidate = {
    name: name.slice(0, 200),
    schedule: toSchedule(record(job["schedule"]), left),
    payload,
    sessionTarget: target,
    ...defined({ model }),
    ...(typeof seconds === "number" && seconds > 0 ? { timeoutSeconds: Math.min(seconds, 30 * 24 * 3600) } : {}),
    ...(delivery ? { delivery } : {}),
  };
  try {
    const { enabled: _on, ...fields } = parseInput(newJobSchema, candidate);
    const line = {
      type: "job",
      id: id.replace(/[^\w-]/g, "_").slice(0, 200),
      ...fields,
      enabled: job["enabled"] !== false,
      createdBy: { via: "cli" },
      createdAt: toTime(job["createdAtMs"]) ?? "1970-01-01T00:00:00.000Z",
    };
    const read = readMovedLine(JSON.stringify(line));
    return read.type === "job" ? { job: read, leftOut } : { refused: `Job ${quotedLine(name)} is none` };
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { refused: `Job ${quotedLine(name)}: ${error.message}` };
  }
}

function toPayload(of: Given) {
  const kind = text(of["kind"]);
  if (kind === "heartbeat") return { kind };
  const words = text(of["message"]) ?? text(of["text"]);
  if (words === undefined) return undefined;
  if (kind === "systemEvent") return { kind, text: words } as const;
  return kind === "agentTurn" || kind === undefined ? ({ kind: "agentTurn", message: words } as const) : undefined;
}

function toSchedule(of: Given, left: (what: string) => void): unknown {
  const kind = text(of["kind"]) ?? (of["expr"] ? "cron" : of["everyMs"] ? "every" : "at");
  if (of["staggerMs"]) left("`staggerMs` has no counterpart; give it `jitterSeconds`");
  if (kind === "every") {
    const anchor = of["anchorMs"];
    return {
      kind,
      everyMs: of["everyMs"],
      ...(typeof anchor === "number" ? { anchorMs: Math.max(0, Math.round(anchor)) } : {}),
    };
  }
  if (kind === "cron") return { kind, expr: of["expr"] ?? of["cron"], ...(text(of["tz"]) ? { tz: of["tz"] } : {}) };
  return { kind, at: text(of["at"]) ?? toTime(of["atMs"]) ?? of["at"] };
}

function toDelivery(job: Given, of: Given, left: (what: string) => void) {
  const given = record(job["delivery"]);
  const mode = text(given["mode"]) ?? (of["deliver"] === true ? "announce" : undefined);
  const [channel, to] = [text(given["channel"]) ?? text(of["channel"]), text(given["to"]) ?? text(of["to"])];
  if (mode === "webhook" && to !== undefined) return { mode, url: to } as const;
  if (mode !== "announce") {
    if (mode !== undefined && mode !== "none") left(`it delivers by ${quotedLine(mode)}, which is not known here`);
    return undefined;
  }
  if (channel !== undefined && isChannel(channel))
    return { mode, channel, ...(to === undefined ? {} : { to: to.replace(/^channel:/, "") }) } as const;
  if (channel !== undefined && channel !== "last")
    left(
      `it told its results on ${quotedLine(channel)}${to === undefined ? "" : ` to ${quotedLine(to)}`}; here it tells them in the main session`,
    );
  return { mode } as const;
}

function toTarget(target: string, own: string | undefined, keyOf: (key: string) => string): string {
  if (target === "main" || target === "isolated") return target;
  if (target === "current") return own === undefined ? "main" : keyOf(own);
  return keyOf(target.startsWith("session:") ? target.slice("session:".length) : target);
}

function toTime(ms: unknown): string | undefined {
  return typeof ms === "number" && ms > 0 && ms < 8e15 ? new Date(ms).toISOString() : undefined;
}

export function record(value: unknown): Given {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Given) : {};
}

export function text(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}
