import { isChannel } from "../../../protocol/outside/channelNames.ts";
import { headOf } from "../../../base/cutText.ts";
import { nameTable } from "../../../base/nameTable.ts";
import { ToolFailure } from "./toolResult.ts";

type Fields = Record<string, unknown>;

/** A job or a patch of one as OpenClaw writes it, in our fields. */
export interface ReadJob {
  fields: Fields;
  /** Told beside the answer: what was given and has no effect here. */
  dropped: { dropped?: string[] };
}

// Fields that mean nothing here: a job always wakes its session at once, in the one agent there is.
const WITHOUT_EFFECT = new Set(["wakeMode", "agentId", "notify", "description"]);
// Of a payload, as before what is delivered stood in a field of its own.
const DELIVERY_FIELDS = new Set(["deliver", "channel", "to", "bestEffortDeliver"]);

/** What is not known is left in, for the route to refuse by name. */
export function readJob(given: unknown): ReadJob {
  if (!isFields(given)) throw new ToolFailure(400, "tool_error", "job required");
  const dropped: string[] = [];
  const fields = nameTable<unknown>({});
  for (const [name, value] of Object.entries(given)) {
    if (WITHOUT_EFFECT.has(name)) {
      // What is so anyway is not worth a word.
      if (!(name === "wakeMode" && value === "now") && !(name === "agentId" && value === "main")) dropped.push(name);
    } else if (name === "deleteAfterRun") {
      if (value === true) dropped.push(name);
    } else if (name === "schedule") fields[name] = readSchedule(value);
    else if (name === "payload") Object.assign(fields, readPayload(value, given, dropped));
    else if (name === "delivery") fields[name] = readDelivery(value, dropped);
    else fields[name] = value;
  }
  return { fields, dropped: dropped.length > 0 ? { dropped } : {} };
}

/** A moment may be a number of milliseconds. */
function readSchedule(schedule: unknown): unknown {
  if (typeof schedule === "string") return { kind: "cron", expr: schedule };
  if (!isFields(schedule) || typeof schedule["atMs"] !== "number") return schedule;
  const { atMs, ...rest } = schedule;
  const at = new Date(atMs as number);
  if (Number.isNaN(at.getTime()))
    throw new ToolFailure(400, "tool_error", `schedule.atMs: ${String(atMs)} is no moment`);
  return { ...rest, kind: "at", at: at.toISOString() };
}

/** Ours says the limit, the model and the delivery beside the payload. */
function readPayload(payload: unknown, job: Fields, dropped: string[]): Fields {
  if (!isFields(payload)) return { payload };
  const kept = nameTable<unknown>({});
  const beside: Fields = {};
  const { deliver, channel, to } = payload;
  const delivers = deliver === true && job["delivery"] === undefined;
  for (const [name, value] of Object.entries(payload)) {
    if (name === "timeoutSeconds" || name === "model") {
      if (job[name] === undefined) beside[name] = value;
    } else if (name === "thinking" || name === "lightContext" || name === "fallbacks") dropped.push(`payload.${name}`);
    else if (!DELIVERY_FIELDS.has(name)) kept[name] = value;
    else if (name === "bestEffortDeliver" || (!delivers && name !== "deliver")) dropped.push(`payload.${name}`);
  }
  const delivery = delivers ? { delivery: { mode: "announce", ...readChat({ channel, to }, dropped, "payload") } } : {};
  return { payload: kept, ...beside, ...delivery };
}

function readDelivery(delivery: unknown, dropped: string[]): unknown {
  if (!isFields(delivery)) return delivery;
  const { bestEffort, channel, to, ...kept } = delivery;
  const isWebhook = kept["mode"] === "webhook";
  if (bestEffort !== undefined) dropped.push("delivery.bestEffort");
  if (!isWebhook) return { ...kept, ...readChat({ channel, to }, dropped, "delivery") };
  if (channel !== undefined && channel !== "last" && channel !== "editor") dropped.push("delivery.channel");
  return { ...kept, ...(kept["url"] === undefined && to !== undefined ? { url: to } : {}) };
}

/** The chat of a network that there is here; without one, results go to the editor. Discord's are written "channel:123" there. */
function readChat({ channel, to }: Fields, dropped: string[], where: string): Fields {
  if (typeof channel === "string" && isChannel(channel)) {
    // Clients write nothing at all for the first chat of a network as well.
    const isGiven = to !== undefined && to !== null && to !== "";
    const chat = typeof to === "string" ? to.replace(/^channel:/, "") : to;
    return { channel, ...(isGiven ? { to: chat } : {}) };
  }
  if (channel !== undefined && channel !== "editor" && (channel !== "last" || where === "payload"))
    dropped.push(`${where}.channel`);
  if (to !== undefined) dropped.push(`${where}.to`);
  return {};
}

/** What a job without a name is called: the beginning of what it says. */
export function nameOf({ payload }: Fields): string {
  const said = isFields(payload) ? (payload["text"] ?? payload["message"] ?? payload["kind"]) : undefined;
  const line = typeof said === "string" ? said.trim().split("\n", 1)[0]! : "";
  return headOf(line, 60) || "Job";
}

/** Where a job without a target goes: an event into the main session, a turn into one of its own. */
export function targetOf({ payload }: Fields): string {
  return isFields(payload) && payload["kind"] === "systemEvent" ? "main" : "isolated";
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
