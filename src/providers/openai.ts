import type OpenAI from "openai";
import type { ModelEvent, ModelRequest } from "../core/ports/provider.ts";
import { openaiClients } from "./openai/openaiClient.ts";
import { type Connection, overConnection } from "./shared/connection.ts";
import { createHeldTurns, type HeldTurns } from "./shared/heldTurns.ts";
import { listKeyedModels } from "./shared/modelList.ts";
import { OpenaiAnswer, toOpenaiFrames } from "./openai/openaiStream.ts";
import { toOpenaiRequest } from "./openai/openaiRequest.ts";
import { cutStream, type ErrorSource, neededKey } from "./shared/providerError.ts";
import { defineProviderKind, type KnownModel } from "./shared/providerKind.ts";

const BASE_URL = "https://api.openai.com/v1";

// https://docs.litellm.ai/blog/gpt-6-1-terra and https://docs.litellm.ai/blog/gpt_6_sol_luna (read 2026-11-22)
const GPT: Omit<KnownModel, "name"> = {
  windowTokens: 1_050_000,
  maxOutputTokens: 128_000,
  images: true,
  thinking: true,
};
const models: KnownModel[] = [
  { name: "gpt-6.1-sol", ...GPT },
  { name: "gpt-6.1-terra", ...GPT },
  { name: "gpt-6-luna", ...GPT },
];

/** The OpenAI Responses API. */
export const openai = defineProviderKind({
  api: "openai",
  defaultId: "openai",
  title: "OpenAI",
  envKeys: ["OPENAI_API_KEY"],
  matches: (name) => /^(gpt-|o\d|chatgpt-)/.test(name),
  models,
  create(options) {
    const baseUrl = options.baseUrl ?? BASE_URL;
    const { id, keyElsewhere, isForeign } = options;
    const source: ErrorSource = { title: "OpenAI", id, envKey: "OPENAI_API_KEY", baseUrl, keyElsewhere, isForeign };
    const held = createHeldTurns();
    const clientFor = openaiClients(baseUrl);
    return {
      id: options.id,
      models: () => listKeyedModels("openai", models, options, source),
      async *stream(request, signal) {
        const apiKey = await neededKey(options.apiKey, source);
        const client = await clientFor(apiKey);
        const asking: ErrorSource = { ...source, model: request.model };
        const wire = { options, source: asking, signal, toFrames: toOpenaiFrames };
        yield* overConnection(wire, (connection) => ask(client, connection, request, { source: asking, held }));
      },
    };
  },
});

async function* ask(
  client: OpenAI,
  connection: Connection,
  request: ModelRequest,
  { source, held }: { source: ErrorSource; held: HeldTurns },
): AsyncGenerator<ModelEvent> {
  const body = toOpenaiRequest(request, source.id, held);
  connection.send(Array.isArray(body.input) ? body.input : [], body.tools);
  const answer = new OpenaiAnswer(source.title);
  const stream = yield* connection.answer(client.responses.create(body, connection.request));
  for await (const event of connection.read(stream, () => answer.end !== undefined)) yield* answer.read(event);
  connection.check();
  if (!answer.end) throw cutStream(source);
  yield answer.end;
}
