import { AppError } from "../../../base/appError.ts";
import { flat } from "../../../base/flat.ts";
import { abortWith, onAbort } from "../../../base/wait.ts";
import type { Core, Run } from "../../../core/core.ts";
import { OPENAI_KEYS } from "../../../core/state/sessionRepository.ts";
import { isRunEvent } from "../../../protocol/eventKind.ts";
import type { AssistantMessage, ToolCall } from "../../../protocol/message.ts";
import type { RunOutcome, SendRequest } from "../../../protocol/run.ts";
import type { Usage } from "../../../protocol/usage.ts";
import type { Exchange } from "../../http/endpoint.ts";
import { type CompatContext, type KeepBegun, once } from "../compatContext.ts";
import { forgetSession } from "./forgetSession.ts";
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
  /** Its session is there for this turn alone. */
  isOwn: boolean;
}

export interface TurnOptions {
  /** Whether a session that the request makes stays when it has answered. */
  isKept: boolean;
  onRun?: (run: Pick<Run, "id">) => void;
  onText?: (text: string) => Promise<void>;
}

interface Turning extends Omit<TurnOptions, "isKept"> {
  core: Core;
  exchange: Exchange;
  /** Nothing needs the session any more that was made for this turn. */
  leave(sessionKey: string): void;
}

/**
 * Runs what the request asks, once for its Idempotency-Key, and resolves with what `toBody` makes of it. The client going away
 * cancels the run; one that a gateway's end has cut off from its client is waited for when the request comes again.
 */
export async function takeTurn<Body>(
  { context, exchange }: { context: CompatContext; exchange: Exchange },
  toRequest: () => Promise<SendRequest>,
  { isKept, ...listen }: TurnOptions,
  toBody: (turn: Turn) => Body,
): Promise<Body> {
  const { core } = context;
  let used: string | undefined;
  const turning: Turning = { core, exchange, ...listen, leave: (sessionKey) => void (used = sessionKey) };
  try {
    return await once(context, exchange, {
      call: exchange.input,
      work: async (keep) => toBody(await begin({ ...turning, keep }, await toRequest())),
      goOn: async (begun) => toBody(await goOn(turning, begun as BegunTurn)),
    });
  } finally {
    // Not before the answer is put down: without it, whoever asks again needs the run.
    if (used !== undefined && !isKept) forgetSession(core, used);
  }
}

/** Runs the request and follows it to its end. */
async function begin(turning: Turning & { keep: KeepBegun }, request: SendRequest): Promise<Turn> {
  const { core, exchange, keep, onRun, onText } = turning;
  const { signal, gone } = exchange;
  const startedAt = core.clock.now();
  const sinceId = core.events.lastId();
  const isOwn = (sessionKey: string) =>
    request.newKey !== undefined || (request.answers !== undefined && sessionKey.startsWith(OPENAI_KEYS));
  let hasKey = false;
  const run = await core.sessions.send(request, ({ id, sessionKey }) => {
    const answers = keep({ runId: id, isOwn: isOwn(sessionKey) } satisfies BegunTurn);
    hasKey = answers.length > 0;
    return { answers };
  });
  // What failed now failed in the run, which has retried already what can be.
  exchange.replyHeaders["X-Should-Retry"] = "false";
  const leaving = onAbort(gone, () => run.cancel());
  const over = new AbortController();
  const stops = abortWith(over, signal);
  let turn: Turn | undefined;
  try {
    onRun?.(run);
    const { outcome, ended } = await Promise.race([
      follow(core, run, sinceId, over.signal, onText),
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
    // Whoever asks again when the gateway is back is answered by it.
    const goesOn = hasKey && signal.aborted && !gone.aborted;
    if (isOwn(run.sessionKey) && !goesOn) leave(turning, run.sessionKey, turn);
  }
}

/** Waits for the end of what an earlier call began. */
async function goOn(turning: Turning, { runId, isOwn }: BegunTurn): Promise<Turn> {
  const { core, exchange, onRun } = turning;
  const startedAt = core.clock.now();
  const { sessionKey } = await core.runs.get(runId);
  onRun?.({ id: runId });
  exchange.replyHeaders["X-Should-Retry"] = "false";
  const leaving = onAbort(exchange.gone, () => void core.runs.cancel(runId).catch(() => {}));
  try {
    const { outcome } = await core.runs.wait(runId, Number.POSITIVE_INFINITY, exchange.signal);
    if (!outcome) throw closing(runId);
    const { messages } = await core.sessions.history(sessionKey, { limit: NEWEST, includeTools: false });
    const last = messages.findLast((message) => message.runId === runId && message.role === "assistant");
    const ended = last?.role === "assistant" ? last.ended : undefined;
    const turn = await toTurn(core, { id: runId, sessionKey }, { outcome, ended, startedAt });
    if (isOwn) leave(turning, sessionKey, turn);
    return turn;
  } finally {
    leaving.dispose();
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

/** One that waits for results is needed for them. */
function leave(turning: Turning, sessionKey: string, turn: Turn | undefined): void {
  if (!turn?.calls.length) turning.leave(sessionKey);
}

function closing(runId: string): AppError {
  return new AppError("unavailable", `The gateway is shutting down; run ${runId} goes on when it is back`);
}

async function follow(
  core: Core,
  run: Run,
  sinceId: number,
  signal: AbortSignal,
  onText: (text: string) => Promise<void> = async () => {},
): Promise<{ outcome: RunOutcome; ended: Turn["ended"] }> {
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
  throw closing(run.id);
}
