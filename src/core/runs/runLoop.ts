import { AppError } from "../../base/appError.ts";
import type { Disposable } from "../../base/disposable.ts";
import type { AssistantMessage, Message, ToolCall } from "../../protocol/message.ts";
import type { RunFact } from "../../protocol/event.ts";
import type { Usage } from "../../protocol/usage.ts";
import type { Fallbacks } from "../models/fallbacks.ts";
import type { Journal } from "../state/journal.ts";
import type { ModelChoice } from "../models/catalog.ts";
import type { ModelEvent, ModelRequest } from "../ports/provider.ts";
import { isOverflow } from "../ports/providerFault.ts";
import { isShutdown } from "./runStop.ts";
import type { Finished } from "./runQueue.ts";
import { toCost, totalTokens } from "../models/usageSum.ts";

export interface RunLoop {
  models: Fallbacks;
  system: string;
  tools: ModelRequest["tools"];
  /** What the model sees so far, the run's own input included. Grows as the run goes on. */
  messages: Message[];
  journal: Journal;
  signal: AbortSignal;
  maxSteps: number;
  /** Somebody waits for it in the editor. */
  attended: boolean;
  /** Rejects with `budget_exhausted` when the request might cost too much; until disposed of, its cost is reserved. */
  reserve(request: ModelRequest, choice: ModelChoice): Promise<Disposable>;
  /** Counts what a request has used. */
  spend(usage: Usage): void;
  /** The messages, or fewer when the window is nearly full or, `overflowed`, was too small for them. */
  makeRoom(messages: Message[], choice: ModelChoice, overflowed?: boolean): Promise<Message[]>;
  /** Runs the calls side by side, stores the results and returns them. */
  runTools(calls: ToolCall[]): Promise<Message[]>;
}

/**
 * Asks the model and runs its tools until it has nothing more to call. Every step is stored before the next; the last
 * answer is left to be stored together with the run's end.
 */
export async function runLoop(loop: RunLoop): Promise<Finished> {
  let messages = loop.messages;
  for (let step = 0; step < loop.maxSteps; step++) {
    loop.signal.throwIfAborted();
    messages = await loop.makeRoom(messages, await loop.models.current());
    const asked = await askUntilAnswered(loop, messages);
    messages = [...asked.messages, asked.answer];
    if (asked.answer.toolCalls.length === 0) return { reply: asked.answer.text, facts: asked.facts };
    await loop.journal.write(asked.facts);
    messages = [...messages, ...(await loop.runTools(asked.answer.toolCalls))];
  }
  throw new AppError("budget_exhausted", `The run took ${loop.maxSteps} steps, which is the limit (agent.maxSteps)`);
}

/** One answer: from the next model where one does not begin to answer, from a shorter history where it was too long, once. */
async function askUntilAnswered(loop: RunLoop, given: Message[]): Promise<Answered & { messages: Message[] }> {
  let messages = given;
  let shortened = false;
  for (;;) {
    const choice = await loop.models.current();
    try {
      return { ...(await askModel(loop, messages, choice)), messages };
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      loop.signal.throwIfAborted();
      if (isOverflow(error.cause) && !shortened) {
        shortened = true;
        const shorter = await loop.makeRoom(messages, choice, true);
        if (shorter === messages) throw error.cause;
        messages = shorter;
        continue;
      }
      const next = await loop.models.after(error.cause);
      if (!next) throw error.cause;
      const reason = (error.cause as Error).message.replace(/\.$/, "");
      await loop.journal.write([
        { type: "run.notice", text: `${choice.model} did not answer: ${reason}. Going on with ${next.model}.` },
      ]);
      messages = await loop.makeRoom(messages, next);
    }
  }
}

interface Answered {
  answer: AssistantMessage;
  /** What is to be stored of it. */
  facts: RunFact[];
}

async function askModel(loop: RunLoop, messages: Message[], choice: ModelChoice): Promise<Answered> {
  const { journal, signal } = loop;
  const { model, provider } = choice;
  const answer: AssistantMessage = { role: "assistant", text: "", toolCalls: [], model };
  const request: ModelRequest = {
    model: model.slice(model.indexOf("/") + 1),
    system: loop.system,
    messages,
    tools: loop.tools,
    cacheKey: journal.run.sessionKey,
    attended: loop.attended,
  };
  const reserved = await loop.reserve(request, choice);
  try {
    for await (const event of telling(provider.stream(request, signal))) {
      if (event.type === "text") {
        answer.text += event.text;
        journal.delta({ type: "text.delta", text: event.text });
      } else if (event.type === "thinking") {
        answer.thinking = (answer.thinking ?? "") + event.text;
        journal.delta({ type: "thinking.delta", text: event.text });
      } else if (event.type === "toolCall") {
        answer.toolCalls.push({
          id: event.id,
          name: event.name,
          input: event.invalid === undefined ? event.input : event.invalid,
        });
      } else if (event.type === "notice") {
        await journal.write([{ type: "run.notice", text: event.text }]);
      } else if (event.type === "end") {
        answer.usage = { ...event.usage, costUsd: toCost(event.usage, choice.info?.price) };
        if (event.stop === "length" || event.stop === "refused") answer.ended = event.stop;
        if (event.native !== undefined) answer.native = { provider: provider.id, content: event.native };
      }
    }
    const used = answer.usage;
    if (!used) throw new AppError("provider_error", `${provider.id} ended its stream without saying that it was done`);
    // An answer cut at the output limit may hold half a call: it must not run.
    if (answer.ended === "length") answer.toolCalls = [];
    loop.spend(used);
    return {
      answer,
      facts: [
        { type: "message", message: answer },
        { type: "usage", usage: used, contextTokens: totalTokens(used), model },
      ],
    };
  } catch (error) {
    if (!answer.usage && !isShutdown(signal)) await keepPartial(answer, journal);
    throw error;
  } finally {
    reserved.dispose();
  }
}

/** A provider's error, its cause, before anything of an answer was told: asking again repeats nothing. */
class NoAnswer extends Error {}

async function* telling(stream: AsyncIterable<ModelEvent>): AsyncGenerator<ModelEvent> {
  let begun = false;
  try {
    for await (const event of stream) {
      begun ||= event.type !== "notice" && event.type !== "limits";
      yield event;
    }
  } catch (error) {
    throw begun ? error : new NoAnswer("No answer began", { cause: error });
  }
}

/** What had arrived before a stop stays in the history, marked. Its calls never ran. */
async function keepPartial(answer: AssistantMessage, journal: Journal): Promise<void> {
  if (answer.text === "" && !answer.thinking) return;
  const { native: _native, ...kept } = answer;
  await journal.write([{ type: "message", message: { ...kept, toolCalls: [], ended: "stopped" } }]);
}
