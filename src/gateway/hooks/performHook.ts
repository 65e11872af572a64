import { AppError, isAppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { type FilledTemplate, toTemplate } from "../../base/input/payloadTemplate.ts";
import type { Core } from "../../core/core.ts";
import type { IdempotencyRecord } from "../../core/ports/batch.ts";
import type { DeliveryAnswer, Hook } from "../../protocol/hooks/hook.ts";
import type { Origin } from "../../protocol/message.ts";
import type { SendRequest } from "../../protocol/run.ts";
import type { NamedHook } from "./hookGate.ts";
import { readAgent, readWake } from "./openclawBody.ts";
import { answered } from "../calls/answered.ts";

const TIMEOUT_S = 3600;

/** What is put down together with what a delivery does. */
export type Keep = (answer: DeliveryAnswer) => IdempotencyRecord[];

export interface Performed {
  answer: DeliveryAnswer;
  /** Fields of the body without an effect. */
  ignored: string[];
}

/** Does what a webhook is for, with what was sent. Resolves when it is stored: the run goes on. */
export async function performHook(core: Core, named: NamedHook, payload: unknown, keep: Keep): Promise<Performed> {
  const { name, hook } = named;
  if (name === "agent") return askAgent(core, named, payload, keep);
  if (name === "wake") return { answer: await wake(core, payload, keep), ignored: [] };
  if (hook.jobId !== undefined) return { answer: await fireJob(core, hook.jobId, keep), ignored: [] };
  const { text } = fillHook(named, payload);
  const request = { ...runOf(hook), text, origin: originOf(name), asEvent: hook.event !== undefined };
  return { answer: await send(core, { ...request, ...placeOf(named) }, keep), ignored: [] };
}

/** The text that a webhook with a template makes of what was sent. */
export function fillHook({ name, hook }: NamedHook, payload: unknown): FilledTemplate {
  const template = toTemplate(hook.message ?? hook.event ?? "");
  return template.fill(payload, { source: `the webhook "${name}"`, maxChars: hook.maxChars });
}

/** Whoever has the token of this one asks as a client does: what is sent is the message itself. */
async function askAgent(core: Core, named: NamedHook, payload: unknown, keep: Keep): Promise<Performed> {
  const { body, ignored } = readAgent(payload);
  const { hook } = named;
  const { message, name, sessionKey, model, timeoutSeconds } = body;
  // The sender's own fault, which coming again does not mend.
  if (model !== undefined) await core.models.resolve(model);
  if (sessionKey !== undefined && hook.sessionKeys !== true)
    throw new AppError(
      "bad_request",
      "sessionKey: This webhook's sender names no session; `sessionKeys: true` lets it",
    );
  const limits = runOf(hook);
  const request: SendRequest = {
    ...limits,
    text: message,
    origin: originOf(named.name),
    ...placeOf(named, name),
    ...(sessionKey === undefined ? {} : { sessionKey: await sessionNamed(core, sessionKey, hook, name) }),
    ...defined({ model }),
    // A sender may ask for less time, not for more.
    ...(timeoutSeconds ? { timeoutMs: Math.min(timeoutSeconds * 1000, limits.timeoutMs ?? Infinity) } : {}),
  };
  return { answer: await send(core, request, keep), ignored };
}

/** Of a namespace of its own: a sender names none of the sessions that others made. */
async function sessionNamed(core: Core, name: string, { workspace }: Hook, title = name): Promise<string> {
  const key = name.startsWith("hook:") ? name : `hook:${name}`;
  return (await core.sessions.create({ key, title, ...defined({ workspace }) })).key;
}

async function wake(core: Core, payload: unknown, keep: Keep): Promise<DeliveryAnswer> {
  const { text, mode } = readWake(payload);
  const origin = originOf("wake");
  if (mode === "next-heartbeat") {
    const answer: DeliveryAnswer = { ok: true, status: "accepted", runId: null, sessionKey: "main", mode };
    await core.jobs.note(text, origin, keep(answer));
    return answer;
  }
  const toAnswer = (run: { id: string; sessionKey: string }) => ({ ...accepted(run), mode });
  return answered(keep, toAnswer, (kept) => core.jobs.wake(text, origin, (run) => ({ answers: kept(run) })));
}

async function fireJob(core: Core, ref: string, keep: Keep): Promise<DeliveryAnswer> {
  const toAnswer = ({ jobId, slot, status, runId, sessionKey, error }: Awaited<ReturnType<Core["jobs"]["run"]>>) => ({
    ok: true as const,
    status:
      status === "running" ? ("accepted" as const) : status === "failed" ? ("failed" as const) : ("skipped" as const),
    runId: runId ?? null,
    sessionKey: sessionKey ?? null,
    jobId,
    slot,
    ...defined({ reason: error }),
  });
  return answered(keep, toAnswer, (kept) => forSender(core.jobs.trigger(ref, kept)));
}

async function send(core: Core, request: SendRequest, keep: Keep): Promise<DeliveryAnswer> {
  return answered(keep, accepted, (kept) => forSender(core.sessions.send(request, (run) => ({ answers: kept(run) }))));
}

/** What is not there on this side is no fault of the sender's, who may come again when it is mended. */
async function forSender<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const isOurs = isAppError(error) && (error.code === "not_found" || error.code === "bad_request");
    throw isOurs ? new AppError("unavailable", `This webhook is not set up as it should be: ${error.message}`) : error;
  }
}

function accepted({ id, sessionKey }: { id: string; sessionKey: string }): DeliveryAnswer {
  return { ok: true, status: "accepted", runId: id, sessionKey };
}

function originOf(name: string): Origin {
  return { via: "webhook", id: name };
}

function placeOf({ name, hook }: NamedHook, label?: string): Partial<SendRequest> {
  const { sessionTarget = "isolated", workspace } = hook;
  if (sessionTarget !== "isolated") return { sessionKey: sessionTarget };
  return { label: label ?? `Webhook ${name}`, ...defined({ workspace }) };
}

function runOf({ model, timeoutSeconds, budgetUsd, budgetTokens, grants }: Hook): Partial<SendRequest> {
  return {
    timeoutMs: (timeoutSeconds ?? TIMEOUT_S) * 1000,
    ...defined({ model, budgetUsd, budgetTokens }),
    ...(grants === undefined ? {} : { grants, attended: false }),
  };
}
