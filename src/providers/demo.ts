import { systemClock } from "../base/clock.ts";
import { sleep } from "../base/wait.ts";
import type { ModelEvent, ModelRequest } from "../core/ports/provider.ts";
import type { Usage } from "../protocol/usage.ts";
import { newestAsk, nextCalls, understand } from "./demo/demoIntent.ts";
import { toReply } from "./demo/demoReply.ts";
import { defineProviderKind, type KnownModel } from "./shared/providerKind.ts";

const PACE_MS = 12;
const models: KnownModel[] = [{ name: "demo", windowTokens: 200_000, maxOutputTokens: 8_000, thinking: true }];

/** A stand-in for a model when none is set up: no network, a script for answers, and real tool calls. */
export const demo = defineProviderKind({
  api: "offline",
  defaultId: "offline",
  title: "Offline demo",
  envKeys: [],
  matches: (name) => name === "demo",
  models,
  create(options) {
    const paceMs = options.timing?.paceMs ?? PACE_MS;
    const price = { inputPerMTok: 0, outputPerMTok: 0, cacheReadPerMTok: 0, cacheWritePerMTok: 0 };
    return {
      id: options.id,
      models: () =>
        Promise.resolve(
          models.map((model) => ({
            ...model,
            id: `${options.id}/${model.name}`,
            provider: options.id,
            price,
            ready: true,
          })),
        ),
      async *stream(request, signal) {
        for (const event of answer(request)) {
          signal.throwIfAborted();
          yield event;
          if (paceMs > 0) await sleep(systemClock, paceMs, signal);
        }
      },
    };
  },
});

function* answer(request: ModelRequest): Generator<ModelEvent> {
  const ask = newestAsk(request.messages);
  const intent = understand(ask.text, request.tools);
  const calls = nextCalls(ask, intent, request.tools);
  const purpose = intent ? `The words ask me to ${intent.purpose}.` : "There is no script for these words.";
  const left = calls.length > 0 ? "one more is to be asked" : "a summary is what is left";
  const thinking = ask.results.length > 0 ? `The tools have answered; ${left}.` : purpose;
  const text =
    calls.length === 0
      ? toReply(ask, intent, request.tools)
      : ask.results.length > 0
        ? ""
        : `I will ${intent!.purpose}.`;
  for (const piece of words(thinking)) yield { type: "thinking", text: piece };
  for (const piece of words(text)) yield { type: "text", text: piece };
  for (const [index, call] of calls.entries()) {
    // The place in the history makes it unique within the session.
    yield { type: "toolCall", id: `demo_${request.messages.length}_${index}_${checksum(ask.text)}`, ...call };
  }
  yield {
    type: "end",
    usage: countUsage(request, thinking + text + JSON.stringify(calls)),
    stop: calls.length > 0 ? "tool_calls" : "done",
  };
}

/** Two words at a time, spaces and line ends kept. */
function words(text: string): string[] {
  return text.match(/(?:\S+\s*){1,2}|\s+/g) ?? [];
}

/** A token per four characters. */
function countUsage(request: ModelRequest, output: string): Usage {
  const prompt =
    request.system.length +
    JSON.stringify(request.tools).length +
    request.messages.reduce((sum, message) => sum + message.text.length, 0);
  return {
    inputTokens: Math.ceil(prompt / 4),
    outputTokens: Math.ceil(output.length / 4),
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    costUsd: null,
  };
}

function checksum(text: string): string {
  let sum = 0;
  for (const char of text) sum = (sum * 31 + char.codePointAt(0)!) >>> 0;
  return sum.toString(36);
}
