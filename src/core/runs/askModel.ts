import { AppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import type { Effort } from "../../protocol/context/agentPart.ts";
import type { AssistantMessage, Message } from "../../protocol/message.ts";
import type { RunFact } from "../../protocol/event.ts";
import type { Sampling } from "../../protocol/clientTools.ts";
import { asRead } from "../context/prompts.ts";
import type { ModelChoice } from "../models/catalog.ts";
import type { Journal, UsageFact } from "../state/journal.ts";
import { type Counted, createUsageMeter } from "../models/usageMeter.ts";
import { totalTokens } from "../models/usageSum.ts";
import type { Reservation } from "../permission/budget.ts";
import type { ModelEvent, ModelRequest, OutputShape, StopReason } from "../ports/provider.ts";
import { toToolCall } from "./calls/arrivingCall.ts";
import { createStopCutter } from "./reply/stopCutter.ts";
import { isShutdown, RunStop } from "./runStop.ts";

/** What a request is made of, and where its answer goes. */
export interface Asking {
  system: string;
  tools: ModelRequest["tools"];
  journal: Journal;
  /** What the model is told beside the run's own message. */
  beside?: string | undefined;
  /** How long the model thinks. */
  effort?: Effort | undefined;
  /** What its last answer is to be, for providers that can hold a model to it. */
  output?: OutputShape | undefined;
  sampling?: Sampling | undefined;
  signal: AbortSignal;
  /** Somebody waits for it in the editor. */
  attended: boolean;
  /** Rejects with `budget_exhausted` when the request might cost too much; its cost is reserved until it is stored. */
  reserve(request: ModelRequest, choice: ModelChoice): Promise<Reservation>;
  /** Counts what a request has used. */
  spend(counted: Counted): void;
}

export interface Answered {
  answer: AssistantMessage;
  stop: StopReason;
  /** Calls that the answer began and that must not run: it was cut at the output limit, refused, or one of them cannot be read. */
  dropped: string[];
  /** What is to be stored of it. */
  facts: RunFact[];
}

/** A provider's error, its cause, before anything of an answer was told: asking again repeats nothing. */
export class NoAnswer extends Error {}

/** One request, and its answer. What was spent is counted, however it ends. */
export async function askModel(loop: Asking, messages: Message[], choice: ModelChoice): Promise<Answered> {
  const { journal, signal } = loop;
  const { model, provider } = choice;
  const answer: AssistantMessage = { role: "assistant", text: "", toolCalls: [], model };
  const request = toRequest(loop, messages, model);
  const meter = createUsageMeter(request, choice);
  let stop: StopReason | undefined;
  let isCounted = false;
  const cutter = createStopCutter(loop.sampling?.stop);
  const say = (text: string): void => {
    if (text === "") return;
    answer.text += text;
    journal.delta({ type: "text.delta", text });
  };
  const reserved = await loop.reserve(request, choice);
  try {
    for await (const event of telling(provider.stream(request, signal))) {
      meter.see(event);
      if (event.type === "text") {
        say(cutter.push(event.text));
        if (cutter.hit) {
          stop = "done";
          break;
        }
      } else if (event.type === "thinking") {
        answer.thinking = (answer.thinking ?? "") + event.text;
        journal.delta({ type: "thinking.delta", text: event.text });
      } else if (event.type === "toolCall") {
        answer.toolCalls.push(toToolCall(event, { messages, calls: answer.toolCalls, tools: loop.tools }));
      } else if (event.type === "notice") {
        await journal.write([{ type: "run.notice", text: event.text }]);
      } else if (event.type === "end") {
        stop = event.stop;
        if (stop === "length" || stop === "refused") answer.ended = stop;
        if (event.native !== undefined) answer.native = { provider: provider.id, content: event.native };
      }
    }
    say(cutter.rest());
    if (!stop) throw new AppError("provider_error", `${provider.id} ended its stream without saying that it was done`);
    // An answer cut at the output limit may hold half a call: none must run, nor beside one that was lost. One that was to stop makes none.
    const isWhole = (stop === "done" || stop === "tool_calls") && !cutter.hit;
    const dropped = isWhole ? [] : answer.toolCalls.splice(0).map(({ name }) => name);
    // It has the calls, too.
    if (dropped.length > 0) delete answer.native;
    const counted = meter.whole();
    answer.usage = counted.usage;
    loop.spend(counted);
    isCounted = true;
    return {
      answer,
      stop,
      dropped,
      facts: [{ type: "message", message: answer }, withContext(toUsageFact(counted, model))],
    };
  } catch (error) {
    const counted = stop ? undefined : meter.broken(signal.aborted);
    isCounted = counted !== undefined;
    if (!stop) await keepBroken(loop, answer, model, counted);
    throw error;
  } finally {
    if (!isCounted) await reserved.release();
  }
}

export function toRequest(loop: Asking, messages: Message[], model: string): ModelRequest {
  return {
    model: model.slice(model.indexOf("/") + 1),
    ...withBeside(loop, messages),
    tools: loop.tools,
    cacheKey: loop.journal.run.sessionKey,
    // Else who has many sub-agents would go first each time.
    ...loop.sampling,
    ...defined({ turnKey: loop.journal.run.place?.top, output: loop.output, effort: loop.effort }),
    attended: loop.attended,
  };
}

/** The words stand with the message that the run answers, so that what is before it is the same as in any other run. */
function withBeside(
  { system, beside, journal }: Asking,
  messages: Message[],
): Pick<ModelRequest, "system" | "messages"> {
  if (!beside) return { system, messages };
  const { id, input: typed } = journal.run;
  const input = asRead(typed);
  const at = messages.findLastIndex(
    (message) =>
      message.role === input.role && "runId" in message && message.runId === id && message.text.includes(input.text),
  );
  const own = messages[at];
  // It began with results, or was summed up.
  if (!own) return { system: `${system}\n\n${beside}`, messages };
  return { system, messages: messages.with(at, { ...own, text: [own.text, beside].filter(Boolean).join("\n\n") }) };
}

async function* telling(stream: AsyncIterable<ModelEvent>): AsyncGenerator<ModelEvent> {
  let begun = false;
  try {
    for await (const event of stream) {
      begun ||= event.type === "text" || event.type === "thinking" || event.type === "toolCall" || event.type === "end";
      yield event;
    }
  } catch (error) {
    throw begun ? error : new NoAnswer("No answer began", { cause: error });
  }
}

/** What had arrived before a stop stays in the history, marked, and what it cost is counted. Its calls never ran. */
async function keepBroken(
  { journal, signal, spend }: Asking,
  answer: AssistantMessage,
  model: string,
  counted: Counted | undefined,
): Promise<void> {
  const { native: _native, ...kept } = answer;
  // A shutdown leaves the run to be gone on with, so its half answer would stand there twice.
  const shown = (answer.text !== "" || answer.thinking) && !isShutdown(signal);
  const cut = { ...kept, toolCalls: [], ended: "stopped" as const, ...defined({ cutBy: cutBy(signal) }) };
  const facts: RunFact[] = shown ? [{ type: "message", message: cut }] : [];
  if (counted) {
    spend(counted);
    const used = toUsageFact(counted, model);
    facts.push(shown ? withContext(used) : used);
  }
  if (facts.length > 0) await journal.write(facts);
}

function cutBy({ aborted, reason }: AbortSignal): AssistantMessage["cutBy"] {
  if (!aborted) return "fault";
  return reason instanceof RunStop && reason.kind === "timed_out" ? "time_limit" : undefined;
}

function toUsageFact({ usage, countedUsd }: Counted, model: string): UsageFact {
  return { type: "usage", usage, model, ...defined({ countedUsd }) };
}

/** Of a request whose answer is in the history with it. */
function withContext(fact: UsageFact): UsageFact {
  return { ...fact, contextTokens: totalTokens(fact.usage) };
}
