import { AppError } from "../base/appError.ts";
import type { AssistantMessage, Message, ToolCall } from "../protocol/message.ts";
import type { ModelPrice } from "../protocol/model.ts";
import type { Journal } from "./journal.ts";
import type { ModelRequest, Provider } from "./ports/provider.ts";
import { isShutdown } from "./runStop.ts";
import { toCost } from "./usage.ts";

export interface RunLoop {
  provider: Provider;
  /** "provider/name". */
  model: string;
  price?: ModelPrice;
  system: string;
  tools: ModelRequest["tools"];
  /** What the model sees so far, the run's own input included. Grows as the run goes on. */
  messages: Message[];
  journal: Journal;
  signal: AbortSignal;
  maxSteps: number;
  /** Throws `budget_exhausted` when nothing more may be spent. */
  checkBudget(): Promise<void>;
  /** Makes room in `messages` when the window is nearly full. */
  makeRoom(messages: Message[]): Promise<Message[]>;
  /** Runs the calls side by side, stores the results and returns them. */
  runTools(calls: ToolCall[]): Promise<Message[]>;
}

/** Asks the model and runs its tools until it has nothing more to call. Resolves with the reply; every step is stored before the next. */
export async function runLoop(loop: RunLoop): Promise<string> {
  let messages = loop.messages;
  for (let step = 0; step < loop.maxSteps; step++) {
    loop.signal.throwIfAborted();
    await loop.checkBudget();
    messages = await loop.makeRoom(messages);
    const answer = await askModel(loop, messages);
    messages = [...messages, answer];
    if (answer.toolCalls.length === 0) return answer.text;
    messages = [...messages, ...(await loop.runTools(answer.toolCalls))];
  }
  throw new AppError("budget_exhausted", `The run took ${loop.maxSteps} steps, which is the limit (agent.maxSteps)`);
}

async function askModel(loop: RunLoop, messages: Message[]): Promise<AssistantMessage> {
  const { provider, journal, signal } = loop;
  const answer: AssistantMessage = { role: "assistant", text: "", toolCalls: [], model: loop.model };
  const request: ModelRequest = {
    model: loop.model.slice(loop.model.indexOf("/") + 1),
    system: loop.system,
    messages,
    tools: loop.tools,
    cacheKey: journal.run.sessionKey,
  };
  let ended = false;
  try {
    for await (const event of provider.stream(request, signal)) {
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
      } else {
        ended = true;
        answer.usage = { ...event.usage, costUsd: toCost(event.usage, loop.price) };
        if (event.stop === "length" || event.stop === "refused") answer.ended = event.stop;
        if (event.native !== undefined) answer.native = { provider: provider.id, content: event.native };
      }
    }
    if (!ended) throw new AppError("provider_error", `${provider.id} ended its stream without saying that it was done`);
  } catch (error) {
    if (!isShutdown(signal)) await keepPartial(answer, journal);
    throw error;
  }
  // An answer cut at the output limit may hold half a call: it must not run.
  if (answer.ended === "length") answer.toolCalls = [];
  const used = answer.usage!;
  await journal.write([
    { type: "message", message: answer },
    {
      type: "usage",
      usage: used,
      contextTokens: used.inputTokens + used.cacheReadTokens + used.cacheWriteTokens + used.outputTokens,
    },
  ]);
  return answer;
}

/** What had arrived before a stop stays in the history, marked. Its calls never ran. */
async function keepPartial(answer: AssistantMessage, journal: Journal): Promise<void> {
  if (answer.text === "" && !answer.thinking) return;
  const { native: _native, ...kept } = answer;
  await journal.write([{ type: "message", message: { ...kept, toolCalls: [], ended: "stopped" } }]);
}
