import { AppError } from "../../../base/appError.ts";
import { flat } from "../../../base/flat.ts";
import { abortWith, onAbort } from "../../../base/wait.ts";
import type { Core } from "../../../core/core.ts";
import type { Run } from "../../../core/services/submittedRun.ts";
import { ONCE_KEYS } from "../../../core/state/sessionRepository.ts";
import { isRunEvent } from "../../../protocol/eventKind.ts";
import type { AssistantMessage, ToolCall } from "../../../protocol/message.ts";
import type { RunOutcome, SendRequest } from "../../../protocol/run.ts";
import type { Usage } from "../../../protocol/usage.ts";
import type { Exchange } from "../../http/endpoint.ts";
import { type CompatContext, type KeepBegun, once } from "../compatContext.ts";
import { forgetSession } from "./forgetSession.ts";
import { goesOn } from "../../calls/goesOn.ts";
import { runEvents } from "../../calls/runEvents.ts";
import { toReply } from "../../calls/reply.ts";

/** Of a session's messages, when the last of a run is looked for. */
const NEWEST = 100;

/** A run that was waited for. */
export interface Turn {
  runId: string;
  /** What it said: the value as JSON, where one was asked for. */
  reply: string;
  /** Calls that the client is to answer, in an order that stays. */
  calls: ToolCall[];
  usage: Usage;
  ended: AssistantMessage["ended"];
}

/** A turn that is under way, as it is put down with its run. */
interface BegunTurn {
  runId: string;
}

export interface TurnOptions {
  /** Whether a session that the request makes stays when it has answered. */
  isKept: boolean;
  /** The answer that it goes on from: of two that do so, the second looks for its session once the run of the first is stored. */
  after?: string | undefined;
  onRun?: (run: Pick<Run, "id">) => void;
  onText?: (text: string) => Promise<void>;
}

/** Finds what to send and sends it; resolves when that is stored. */
type Send = (keptWith: NonNullable<Parameters<Core["sessions"]["send"]>[1]>) => Promise<Run>;

type Left = Pick<Run, "id" | "sessionKey">;

/** What a turn is followed with. */
interface Turning extends Omit<TurnOptions, "isKept" | "after"> {
  core: Core;
  exchange: Exchange;
  /** The turn is over in its session; absent when it did not get done. */
  leave(run: Left, turn: Turn | undefined): void;
}

/**
 * Runs what the request asks, once for its Idempotency-Key, and resolves with what `toBody` makes of it. The client going away
 * cancels the run; one that a gateway's end has cut off from its client is waited for when the request comes again.
 */
export async function takeTurn<Body>(
  { context, exchange }: { context: CompatContext; exchange: Exchange },
  toRequest: (onMade: (sessionKey: string) => void) => Promise<SendRequest>,
  { isKept, after, ...listen }: TurnOptions,
  toBody: (turn: Turn) => Body,
): Promise<Body> {
  const { core } = context;
  let used: Left | undefined;
  const leave: Turning["leave"] = (run, turn) => {
    // One that waits for results is needed for them.
    if (!isKept && run.sessionKey.startsWith(ONCE_KEYS) && !turn?.calls.length) used = run;
  };
  const turning: Turning = { core, exchange, ...listen, leave };
  try {
    return await once(context, exchange, {
      call: exchange.input,
      work: async (keep) => {
        const made: string[] = [];
        const send: Send = async (keptWith) =>
          core.sessions.send(await toRequest((sessionKey) => void made.push(sessionKey)), keptWith);
        const inOrder: Send = (keptWith) =>
          after === undefined ? send(keptWith) : context.followUps.run(after, () => send(keptWith));
        return toBody(await begin({ ...turning, keep, made }, inOrder));
      },
      goesOn: (begun) => goesOn(core, (begun as BegunTurn).runId),
      // Whoever asks again needs the run.
      onUnkept: () => (used = undefined),
      goOn: async (begun) => toBody(await goOn(turning, begun as BegunTurn)),
    });
  } finally {
    // Not before the answer is put down.
    if (used !== undefined) void forgetSession(core, used.sessionKey, used.id);
  }
}

/** Runs the request and follows it to its end. Of one that is refused no session stays that was `made` for it. */
async function begin(turning: Turning & { keep: KeepBegun; made: string[] }, send: Send): Promise<Turn> {
  const { core, exchange, keep, onRun, onText } = turning;
  const { signal, gone } = exchange;
  const startedAt = core.clock.now();
  const sinceId = core.events.lastId();
  let hasKey = false;
  const keptWith = ({ id }: Pick<Run, "id">) => {
    const answers = keep({ runId: id } satisfies BegunTurn);
    hasKey = answers.length > 0;
    return { answers };
  };
  let run: Run;
  try {
    run = await send(keptWith);
  } catch (error) {
    for (const sessionKey of turning.made) void forgetSession(core, sessionKey);
    throw error;
  }
  // What failed now failed in the run, which has retried already what can be.
  exchange.replyHeaders["X-Should-Retry"] = "false";
  const leaving = onAbort(gone, () => run.cancel());
  const over = new AbortController();
  const stops = abortWith(over, signal);
  let turn: Turn | undefined;
  try {
    onRun?.(run);
    const { outcome, ended } = await Promise.race([
      follow(core, run, sinceId, over.signal, onText).then((end) => end ?? cutOff(exchange, run.id)),
      run.stuck.then((error) => {
        throw error;
      }),
    ]);
    turn = await toTurn(core, run, { outcome, ended, startedAt });
    return turn;
  } finally {
    leaving.dispose();
    stops.dispose();
    over.abort("answered");
    if (!hasKey || !(await isToComeAgain(turning, run.id, turn))) turning.leave(run, turn);
  }
}

/** Waits for the end of what an earlier call began. */
async function goOn(turning: Turning, { runId }: BegunTurn): Promise<Turn> {
  const { core, exchange, onRun } = turning;
  const startedAt = core.clock.now();
  const { sessionKey } = await core.runs.get(runId);
  onRun?.({ id: runId });
  exchange.replyHeaders["X-Should-Retry"] = "false";
  const leaving = onAbort(exchange.gone, () => void core.runs.cancel(runId).catch(() => {}));
  let turn: Turn | undefined;
  try {
    const { outcome } = await core.runs.waitOrStuck(runId, Number.POSITIVE_INFINITY, exchange.signal);
    if (!outcome) return cutOff(exchange, runId);
    const { messages } = await core.sessions.history(sessionKey, { limit: NEWEST, includeTools: false });
    const last = messages.findLast((message) => message.runId === runId && message.role === "assistant");
    const ended = last?.role === "assistant" ? last.ended : undefined;
    turn = await toTurn(core, { id: runId, sessionKey }, { outcome, ended, startedAt });
    return turn;
  } finally {
    leaving.dispose();
    if (!(await isToComeAgain(turning, runId, turn))) turning.leave({ id: runId, sessionKey }, turn);
  }
}

async function toTurn(
  core: Core,
  run: Pick<Run, "id" | "sessionKey">,
  { outcome, ended, startedAt }: { outcome: RunOutcome; ended: Turn["ended"]; startedAt: number },
): Promise<Turn> {
  const { reply, result, usage } = await toReply(core, run, outcome, startedAt);
  const calls = (outcome.type === "done" && outcome.calls) || [];
  return { runId: run.id, reply: result === undefined ? reply : JSON.stringify(result), calls, usage, ended };
}

/** Whether the turn goes on without its answer, so that the client is to ask again with the same key, and is told so. */
async function isToComeAgain({ core, exchange }: Turning, runId: string, turn: Turn | undefined): Promise<boolean> {
  const isTo = turn === undefined && !exchange.gone.aborted && (await goesOn(core, runId));
  if (isTo) exchange.replyHeaders["X-Should-Retry"] = "true";
  return isTo;
}

function cutOff({ gone }: Exchange, runId: string): never {
  const why = gone.aborted
    ? `Run ${runId} is stopped: ${String(gone.reason)}`
    : `The gateway is shutting down; run ${runId} goes on when it is back`;
  throw new AppError("unavailable", why);
}

/** How it ended; undefined when `signal` aborted first. */

async function follow(
  core: Core,
  run: Run,
  sinceId: number,
  signal: AbortSignal,
  onText: (text: string) => Promise<void> = async () => {},
): Promise<{ outcome: RunOutcome; ended: Turn["ended"] } | undefined> {
  let told = "";
  let ended: Turn["ended"];
  let pause = "";
  let seq: number | undefined;
  let hasGap = false;
  const tell = async (text: string) => {
    if (text === "") return;
    const paused = pause + text;
    pause = "";
    told += text;
    await onText(paused);
  };
  for await (const event of flat(runEvents(core, run, sinceId, signal))) {
    if (!isRunEvent(event)) continue;
    // A reader that lags loses deltas: what comes after a gap waits for the whole message.
    hasGap ||= seq !== undefined && event.seq > seq + 1;
    seq = event.seq;
    if (event.type === "text.delta" && !hasGap) await tell(event.text);
    else if (event.type === "message" && event.message.role === "assistant") {
      const { text } = event.message;
      ({ ended } = event.message);
      // What came before this subscription, or was lost on the way, is in the whole message.
      if (text.startsWith(told)) await tell(text.slice(told.length));
      if (told !== "") pause = "\n\n";
      told = "";
      hasGap = false;
    } else if (event.type === "run.finished") return { outcome: event.outcome, ended };
  }
  return undefined;
}
