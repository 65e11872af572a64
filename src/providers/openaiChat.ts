import type OpenAI from "openai";
import { defined } from "../base/defined.ts";
import type { ModelEvent, ModelRequest } from "../core/ports/provider.ts";
import { isLoopback } from "../net/loopback.ts";
import { plainFetch } from "../net/plainFetch.ts";
import { openaiClients } from "./openai/openaiClient.ts";
import { type Connection, overConnection } from "./shared/connection.ts";
import { createHeldTurns, type HeldTurns } from "./shared/heldTurns.ts";
import { ChatAnswer, toChatFrames } from "./openaiChat/chatStream.ts";
import { createServerModels } from "./openaiChat/serverModels.ts";
import { type ChatDialect, learn, USUAL } from "./openaiChat/chatDialect.ts";
import { toChatRequest } from "./openaiChat/chatRequest.ts";
import { cutStream, type ErrorSource, readRefusal, unusableKey } from "./shared/providerError.ts";
import { defineProviderKind } from "./shared/providerKind.ts";

const BASE_URL = "http://127.0.0.1:11434/v1";
// A local server may first load gigabytes, and reads a long prompt slowly.
const SILENCE_MS = 600_000;

/** Any server with the chat completions API: Ollama, LM Studio, vLLM, OpenRouter. Works without a key. */
export const openaiChat = defineProviderKind({
  api: "openai-chat",
  title: "OpenAI-compatible server",
  envKeys: [],
  matches: () => false,
  models: [],
  create(given) {
    const baseUrl = given.baseUrl ?? BASE_URL;
    // Node's own fetch waits five minutes for an answer to begin. Between here and this machine stands no proxy.
    const { fetch = isLoopback(URL.parse(baseUrl)?.hostname ?? "") ? plainFetch : undefined } = given;
    const options = { ...given, ...defined({ fetch }), timing: { silenceMs: SILENCE_MS, ...given.timing } };
    const source: ErrorSource = { title: `"${options.id}"`, id: options.id, baseUrl, isForeign: given.isForeign };
    const clientFor = openaiClients(baseUrl);
    const learned: Learned = { dialects: new Map(), held: createHeldTurns() };
    return {
      id: options.id,
      listsFromServer: true,
      models: createServerModels(options, baseUrl),
      async *stream(request, signal) {
        const apiKey = await options.apiKey?.();
        const unusable = apiKey && unusableKey(source, apiKey);
        if (unusable) throw unusable;
        const client = await clientFor(apiKey);
        const asking: ErrorSource = { ...source, model: request.model };
        const wire = { options, source: asking, signal, toFrames: toChatFrames };
        yield* overConnection(wire, (connection) => ask(client, connection, request, asking, learned));
      },
    };
  },
});

/** What earlier requests left. */
interface Learned {
  dialects: Map<string, ChatDialect>;
  held: HeldTurns;
}

async function* ask(
  client: OpenAI,
  connection: Connection,
  request: ModelRequest,
  source: ErrorSource,
  learned: Learned,
): AsyncGenerator<ModelEvent> {
  const answer = new ChatAnswer();
  const stream = yield* open(client, connection, request, source, learned);
  for await (const chunk of connection.read(stream, () => answer.finish !== undefined)) yield* answer.read(chunk);
  connection.check();
  // Some servers never say why they stopped, and only that they did.
  if (answer.finish === undefined && !(connection.ended() && answer.begun)) throw cutStream(source);
  yield* answer.close(source.title);
}

/** Asks again in another dialect, as long as the server's refusals teach one. */
async function* open(
  client: OpenAI,
  connection: Connection,
  request: ModelRequest,
  source: ErrorSource,
  { dialects, held }: Learned,
) {
  for (;;) {
    const dialect = dialects.get(request.model) ?? USUAL;
    const body = toChatRequest(request, { provider: source.id, baseUrl: source.baseUrl, dialect }, held);
    connection.send(body.messages, body.tools);
    try {
      return yield* connection.answer(client.chat.completions.create(body, connection.request));
    } catch (error) {
      const { status = 0, words } = readRefusal(error);
      const next = status >= 400 && status < 500 ? learn(dialect, words) : undefined;
      if (!next) throw error;
      dialects.set(request.model, next);
    }
  }
}
