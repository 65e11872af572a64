import type Anthropic from "@anthropic-ai/sdk";
import { once } from "../base/oncePer.ts";
import type { ModelEvent, ModelRequest } from "../core/ports/provider.ts";
import type { Usage } from "../protocol/usage.ts";
import { AnthropicAnswer, toAnthropicFrames } from "./anthropic/anthropicStream.ts";
import { toAnthropicRequest } from "./anthropic/anthropicRequest.ts";
import { type Connection, overConnection } from "./shared/connection.ts";
import { createHeldTurns, type HeldTurns } from "./shared/heldTurns.ts";
import { listKeyedModels } from "./shared/modelList.ts";
import { cutStream, type ErrorSource, neededKey } from "./shared/providerError.ts";
import { defineProviderKind, type KnownModel } from "./shared/providerKind.ts";
import { shareClient } from "./shared/sdkClient.ts";
import { toStop } from "./shared/stopWords.ts";

const BASE_URL = "https://api.anthropic.com";
const MAX_CONTINUATIONS = 5;

// https://platform.claude.com/docs/en/models (read 2026-11-22)
const CLAUDE: Omit<KnownModel, "name"> = {
  windowTokens: 1_000_000,
  maxOutputTokens: 128_000,
  images: true,
  thinking: true,
};
const models: KnownModel[] = [
  { name: "claude-sonnet-5-5", ...CLAUDE },
  { name: "claude-opus-5-5", ...CLAUDE },
  { name: "claude-haiku-5-5", ...CLAUDE },
];

// Kept, because asking for a module that is there already still costs each request.
const loadSdk = once(() => import("@anthropic-ai/sdk"));

/** The Anthropic Messages API. */
export const anthropic = defineProviderKind({
  api: "anthropic",
  defaultId: "anthropic",
  title: "Anthropic",
  envKeys: ["ANTHROPIC_API_KEY"],
  matches: (name) => name.startsWith("claude-"),
  models,
  create(options) {
    const baseUrl = options.baseUrl ?? BASE_URL;
    const { id, keyElsewhere, isForeign } = options;
    const source: ErrorSource = {
      title: "Anthropic",
      id,
      envKey: "ANTHROPIC_API_KEY",
      baseUrl,
      keyElsewhere,
      isForeign,
    };
    const held = createHeldTurns();
    const clientFor = shareClient(async (apiKey: string, fetch) => {
      const { default: Sdk } = await loadSdk();
      // Its spans go to nobody here.
      return new Sdk({ apiKey, authToken: null, baseURL: baseUrl, fetch, logLevel: "off", openTelemetry: false });
    });
    return {
      id: options.id,
      models: () => listKeyedModels("anthropic", models, options, source),
      async *stream(request, signal) {
        const apiKey = await neededKey(options.apiKey, source);
        const client = await clientFor(apiKey);
        const asking: ErrorSource = { ...source, model: request.model };
        const wire = { options, source: asking, signal, toFrames: toAnthropicFrames };
        yield* overConnection(wire, (connection) => ask(client, connection, request, { source: asking, held }));
      },
    };
  },
});

async function* ask(
  client: Anthropic,
  connection: Connection,
  request: ModelRequest,
  { source, held }: { source: ErrorSource; held: HeldTurns },
): AsyncGenerator<ModelEvent> {
  const body = toAnthropicRequest(request, source.id, held);
  const blocks: Record<string, unknown>[] = [];
  let usage: Usage | null | undefined;
  for (let round = 0; ; round++) {
    const answer = new AnthropicAnswer();
    connection.send(body.messages, body.tools);
    const stream = yield* connection.answer(client.beta.messages.create(body, connection.request));
    for await (const event of connection.read(stream, () => answer.complete)) {
      for (const told of answer.read(event))
        yield told.type === "spent" && usage ? { type: "spent", usage: sumUsage(usage, told.usage) ?? usage } : told;
    }
    connection.check();
    if (!answer.complete) throw cutStream(source);
    blocks.push(...answer.blocks);
    usage = usage === undefined ? answer.usage : sumUsage(usage, answer.usage);
    if (answer.stop !== "pause_turn" || round === MAX_CONTINUATIONS) {
      // A turn that is still paused has said what it had to say.
      const stop = answer.stop === "pause_turn" ? "done" : toStop(answer.stop ?? "none", source.title);
      yield { type: "end", usage, stop, native: blocks };
      return;
    }
    // A paused turn goes on when it is sent back as it is.
    const content = answer.blocks as unknown as Anthropic.Beta.BetaContentBlockParam[];
    body.messages = [...body.messages, { role: "assistant", content }];
  }
}

/** Tokens of two requests that count as one; null when one of them was not told. Costs are the core's to know. */
function sumUsage(a: Usage | null, b: Usage | null): Usage | null {
  if (!a || !b) return null;
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    costUsd: null,
  };
}
