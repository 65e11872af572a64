import { AppError, isAppError } from "../../../base/appError.ts";
import type { Clock } from "../../../base/clock.ts";
import { cutText } from "../../../base/cutText.ts";
import type { PathLanes } from "../../../base/turns/pathLanes.ts";
import type { ToolCall } from "../../../protocol/message.ts";
import type { ApprovalDesk } from "../../permission/approvals.ts";
import { planRefusal } from "../../permission/planning.ts";
import type { Verdict } from "../../permission/openQuestions.ts";
import type { ApprovalAsk, Consent, Prepared, Tool, ToolContext, ToolResult } from "../../ports/tool.ts";
import { deniedReading } from "../../../rules/deniedReading.ts";
import { givenRules } from "../../../rules/reach.ts";
import type { Journal } from "../../state/journal.ts";
import type { CallEntry } from "./callOrder.ts";

export interface ReadyCall {
  call: ToolCall;
  tool: Tool;
  input: unknown;
  context: ToolContext;
  entry: CallEntry;
  journal: Journal;
  places?: Set<string> | undefined;
  /** When the tool itself began: what was waited for before is not its time. */
  time: { began?: number };
  /** What the tool itself threw before it began. */
  fault?: unknown;
}

// Whoever changes the same file all the time is not outrun.
const MAX_ROUNDS = 20;
const MAX_STATE_CHARS = 4000;

/**
 * Prepares a call, has it allowed, and runs it in the lanes of what it touches: exactly what was shown, or nothing. What
 * nobody was asked about is prepared anew there; what somebody allowed and can no longer be done so is a conflict.
 */
export async function makeCall(ready: ReadyCall, options: MakeCallOptions): Promise<ToolResult> {
  const { call, tool, context, entry, journal } = ready;
  const { signal } = context;
  let isPlanning = false;
  for (let round = 0; ; round += 1) {
    await entry.mayPrepare(signal);
    const planned = await prepare(ready, { ...context, files: entry.foresee(context.files) });
    entry.plan(planned);
    for (const place of [...planned.touches, ...(planned.looksAt ?? [])]) ready.places?.add(place);
    const refusal = await refused(planned);
    if (refusal !== undefined) return { text: refusal, isError: true, notRun: "denied" };
    const unasked = mayUnasked(planned.ask);
    let verdict =
      unasked ?? (await options.approvals.decide({ ask: planned.ask!, call, cwd: context.workspace, journal, signal }));
    if (!verdict.allowed) {
      const lacked = verdict.lacked === undefined ? {} : { lacked: verdict.lacked };
      return { text: verdict.reason, isError: true, notRun: "denied", ...lacked };
    }
    await entry.mayRun(signal);
    const result = await options.lanes.run(planned.touches, signal, async () => {
      const now = planned.touches.length === 0 ? planned : await lookAgain(ready, planned, unasked === undefined);
      if (!isSame(now, planned)) {
        const wasPromised = unasked === undefined && !entry.wasMisled();
        if (wasPromised || round >= MAX_ROUNDS) return conflict(planned.ask, now.ask, context);
        const still = now.touches.every((place) => planned.touches.includes(place)) ? mayUnasked(now.ask) : undefined;
        // What has to be asked about is asked about outside of the lane.
        if (unasked === undefined || !still?.allowed) return undefined;
        verdict = still;
      }
      const why = (await refused(now)) ?? (await lapsed(verdict, now.ask));
      if (why !== undefined) {
        const lacked = now.ask ? { lacked: now.ask.summary } : {};
        return { text: `${why} Nothing was done.`, isError: true, notRun: "denied" as const, ...lacked };
      }
      const allowedBy = verdict.allowed && verdict.by !== "" ? { allowedBy: verdict.by } : {};
      await journal.write([
        { type: "tool.started", callId: call.id, name: call.name, input: call.input, ...allowedBy },
      ]);
      // After a pause of this process the session may have another worker, which makes this call anew.
      if (tool.effect !== "read" && !journal.isHeld()) throw lostSession(signal);
      signal.throwIfAborted();
      ready.time.began = options.clock.now();
      const { lacked, ...result } = await now.run(consentOf(verdict));
      // Where somebody is there, the model asks for it.
      const isAlone = journal.run.attended === false && lacked !== undefined;
      return { ...result, ...allowedBy, ...(isAlone ? { lacked } : {}) };
    });
    if (result) return result;
  }

  /** A mode that was set meanwhile counts, too. */
  async function refused(prepared: Prepared): Promise<string | undefined> {
    isPlanning = await options.approvals.plansNow(journal);
    if (!isPlanning) return undefined;
    const { rules } = options.approvals.given(journal);
    return planRefusal(tool, prepared, { rules, workspace: context.workspace });
  }

  /** A command that only looks runs where nothing can be changed, whoever let it. */
  function consentOf(verdict: Verdict): Consent | undefined {
    if (!verdict.allowed) return undefined;
    return tool.effect === "exec" && isPlanning ? "harmless" : verdict.consent;
  }

  /** What grants let run, or connect, is looked at at the last moment. */
  async function lapsed(verdict: Verdict, ask: ApprovalAsk | undefined): Promise<string | undefined> {
    return ask && verdict.allowed ? options.approvals.lapsed(ask, journal.run, verdict.by) : undefined;
  }

  function mayUnasked(ask: ApprovalAsk | undefined): Verdict | undefined {
    return ask
      ? options.approvals.unasked({ ask, call, cwd: context.workspace, journal })
      : { allowed: true, consent: "none", by: "" };
  }
}

export interface MakeCallOptions {
  approvals: ApprovalDesk;
  lanes: PathLanes;
  clock: Clock;
}

async function prepare(ready: ReadyCall, context: ToolContext): Promise<Prepared> {
  try {
    return await ready.tool.prepare(ready.input, context);
  } catch (error) {
    ready.fault = error;
    throw error;
  }
}

/** The call as it stands now that nobody else is at its files. */
async function lookAgain(ready: ReadyCall, planned: Prepared, wasAsked: boolean): Promise<Prepared> {
  try {
    return await prepare(ready, ready.context);
  } catch (error) {
    if (!wasAsked || ready.entry.wasMisled() || !isAppError(error)) throw error;
    error.message = `${notDone(planned.ask)} ${error.message}`;
    throw error;
  }
}

function isSame(now: Prepared, planned: Prepared): boolean {
  return digest(now) === digest(planned);
}

function digest({ ask, touches }: Prepared): string {
  return JSON.stringify([touches, ask && [ask.summary, ask.protected, ask.effects ?? ask.subject]]);
}

/** Tells how a file reads now only where it may be read unasked: who allowed a change was not asked to show it. */
function conflict(
  planned: ApprovalAsk | undefined,
  now: ApprovalAsk | undefined,
  { workspace, commands }: ToolContext,
): ToolResult {
  const rules = givenRules(commands);
  const isClosed =
    now?.protected || now?.effects?.some(({ place }) => deniedReading(rules, place, workspace) !== undefined);
  const state =
    now?.subject.type === "edit" && !isClosed
      ? ` ${now.subject.path} now reads:\n${cutText(now.subject.before, MAX_STATE_CHARS)}`
      : "";
  return { text: `${notDone(planned)}${state}`, isError: true };
}

function notDone(planned: ApprovalAsk | undefined): string {
  return `What was allowed (${planned?.summary ?? "this call"}) can no longer be done as it was shown, because something changed meanwhile. Nothing was done.`;
}

function lostSession(signal: AbortSignal): unknown {
  return signal.aborted ? signal.reason : new AppError("unavailable", "Another worker has this session now");
}
