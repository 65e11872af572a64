import type OpenAI from "openai";
import type { ModelEvent, ModelRequest } from "../core/ports/provider.ts";
import { openaiClients } from "./openai/openaiClient.ts";
import { type Connection, overConnection } from "./shared/connection.ts";
import { createHeldTurns, type HeldTurns } from "./shared/heldTurns.ts";
import { listKeyedModels } from "./shared/modelList.ts";
import { OpenaiAnswer, toOpenaiFrames } from "./openai/openaiStream.ts";
import { heldBackBy, type HeldBack, toOpenaiRequest } from "./openai/openaiRequest.ts";
import { cutStream, type ErrorSource, neededKey, readRefusal } from "./shared/providerError.ts";
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
    const learned: Learned = { without: new Map(), held: createHeldTurns() };
    const clientFor = openaiClients(baseUrl);
    return {
      id: options.id,
      models: () => listKeyedModels("openai", models, options, source),
      async *stream(request, signal) {
        const apiKey = await neededKey(options.apiKey, source);
        const client = await clientFor(apiKey);
        const asking: ErrorSource = { ...source, model: request.model };
        const wire = { options, source: asking, signal, toFrames: toOpenaiFrames };
        yield* overConnection(wire, (connection) => ask(client, connection, request, asking, learned));
      },
    };
  },
});

/** What earlier requests left. */
interface Learned {
  /** By model: of others the same account may well have it. */
  without: Map<string, ReadonlySet<HeldBack>>;
  held: HeldTurns;
}

async function* ask(
  client: OpenAI,
  connection: Connection,
  request: ModelRequest,
  source: ErrorSource,
  learned: Learned,
): AsyncGenerator<ModelEvent> {
  const answer = new OpenaiAnswer(source.title);
  const stream = yield* open(client, connection, request, source, learned);
  for await (const event of connection.read(stream, () => answer.end !== undefined)) yield* answer.read(event);
  connection.check();
  if (!answer.end) throw cutStream(source);
  yield answer.end;
}

const NOT_VERIFIED: Record<HeldBack, string> = {
  summary:
    "gives no summaries of this model's thinking here, as to no organisation that is not verified; going on without",
  stream: "streams this model to no organisation that is not verified; its answers come in one piece",
};

/** Asks again without what this account may not have. */
async function* open(
  client: OpenAI,
  connection: Connection,
  request: ModelRequest,
  source: ErrorSource,
  learned: Learned,
) {
  const { model } = request;
  for (;;) {
    // As this request is sent: one beside it may learn the same meanwhile.
    const without = learned.without.get(model) ?? new Set<HeldBack>();
    const body = toOpenaiRequest(request, source.id, learned.held, without);
    connection.send(Array.isArray(body.input) ? body.input : [], body.tools);
    try {
      if (!without.has("stream")) return yield* connection.answer(client.responses.create(body, connection.request));
      connection.waitForWhole();
      // What comes in one piece is made a stream of before the SDK sees it.
      const whole = { ...connection.request, body: { ...body, stream: false }, stream: true };
      return yield* connection.answer(client.post<Streamed>("/responses", whole));
    } catch (error) {
      const { status, words } = readRefusal(error);
      const heldBack = status === 400 ? heldBackBy(words) : undefined;
      if (!heldBack || without.has(heldBack)) throw error;
      const known = learned.without.get(model) ?? without;
      learned.without.set(model, new Set([...known, heldBack]));
      if (!known.has(heldBack)) yield { type: "notice" as const, text: `${source.title} ${NOT_VERIFIED[heldBack]}` };
    }
  }
}

type Streamed = AsyncIterable<OpenAI.Responses.ResponseStreamEvent>;
