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
import { forgetSession } from "./forgetSession.ts";
import { runEvents } from "../../calls/runEvents.ts";
import { toReply } from "../../calls/reply.ts";

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

export interface TurnOptions {
  /** Whether a session that the request makes stays when it has answered. */
  isKept: boolean;
  onRun?: (run: Run) => void;
  onText?: (text: string) => Promise<void>;
}

/** Runs the request and follows it to its end. The client going away cancels the run. */
export async function takeTurn(
  core: Core,
  request: SendRequest,
  exchange: Pick<Exchange, "signal" | "gone" | "replyHeaders">,
  listen: TurnOptions,
): Promise<Turn> {
  const { signal, gone } = exchange;
  const startedAt = core.clock.now();
  const sinceId = core.events.lastId();
  const run = await core.sessions.send(request);
  // What failed now failed in the run, which has retried already what can be.
  exchange.replyHeaders["X-Should-Retry"] = "false";
  const leaving = onAbort(gone, () => run.cancel());
  const over = new AbortController();
  const stops = abortWith(over, signal);
  let calls: ToolCall[] = [];
  try {
    listen.onRun?.(run);
    const { outcome, ended } = await Promise.race([
      follow(core, run, sinceId, over.signal, listen.onText),
      run.stuck.then((error) => {
        throw error;
      }),
    ]);
    const { reply, result, usage } = await toReply(core, run, outcome, startedAt);
    calls = (outcome.type === "done" && outcome.calls) || [];
    return { runId: run.id, reply: result === undefined ? reply : JSON.stringify(result), calls, usage, ended };
  } finally {
    leaving.dispose();
    stops.dispose();
    over.abort("answered");
    // One that waits for results is needed for them.
    const isOwn = request.newKey !== undefined || (request.answers && run.sessionKey.startsWith(OPENAI_KEYS));
    if (isOwn && !listen.isKept && calls.length === 0) forgetSession(core, run.sessionKey);
  }
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
  throw new AppError("unavailable", `The gateway is shutting down; run ${run.id} goes on when it is back`);
}
