import type OpenAI from "openai";
import type { ModelEvent, ModelRequest } from "../core/ports/provider.ts";
import { type Connection, overConnection } from "./shared/connection.ts";
import { ChatAnswer } from "./openaiChat/chatStream.ts";
import { listServerModels } from "./openaiChat/serverModels.ts";
import { toChatRequest } from "./openaiChat/chatRequest.ts";
import { cutStream, type ErrorSource } from "./shared/providerError.ts";
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
    const options = { ...given, timing: { silenceMs: SILENCE_MS, ...given.timing } };
    const baseUrl = options.baseUrl ?? BASE_URL;
    const source: ErrorSource = { title: `"${options.id}"`, id: options.id, baseUrl };
    return {
      id: options.id,
      listsFromServer: true,
      models: (signal) => listServerModels(options, baseUrl, signal),
      async *stream(request, signal) {
        const apiKey = await options.apiKey?.();
        const { default: Sdk } = await import("openai");
        const asking = { ...source, model: request.model };
        yield* overConnection(options, asking, signal, (connection) => {
          const { fetch, maxRetries } = connection;
          const client = new Sdk({
            apiKey: apiKey ?? "none",
            organization: null,
            project: null,
            baseURL: baseUrl,
            fetch,
            maxRetries,
            logLevel: "off",
            ...(apiKey ? {} : { defaultHeaders: { authorization: null } }),
          });
          return ask(client, connection, request, asking);
        });
      },
    };
  },
});

async function* ask(
  client: OpenAI,
  connection: Connection,
  request: ModelRequest,
  source: ErrorSource,
): AsyncGenerator<ModelEvent> {
  const answer = new ChatAnswer();
  const stream = yield* connection.answer(
    client.chat.completions.create(toChatRequest(request), { signal: connection.signal }),
  );
  for await (const chunk of stream) yield* answer.read(chunk);
  connection.check();
  if (answer.finish === undefined) throw cutStream(source);
  yield* answer.close();
}
