import type { GoogleGenAI } from "@google/genai";
import { once } from "../base/oncePer.ts";
import type { ModelEvent, ModelRequest } from "../core/ports/provider.ts";
import { type Connection, overConnection } from "./shared/connection.ts";
import { GoogleAnswer, toGoogleFrames } from "./google/googleStream.ts";
import { toGoogleRequest } from "./google/googleRequest.ts";
import { createHeldTurns, type HeldTurns } from "./shared/heldTurns.ts";
import { listKeyedModels } from "./shared/modelList.ts";
import { cutStream, type ErrorSource, neededKey } from "./shared/providerError.ts";
import { defineProviderKind, type KnownModel } from "./shared/providerKind.ts";

const BASE_URL = "https://generativelanguage.googleapis.com";

// https://github.com/BerriAI/litellm/discussions/39357 (read 2026-11-22)
const GEMINI: Omit<KnownModel, "name"> = {
  windowTokens: 1_048_576,
  maxOutputTokens: 65_536,
  images: true,
  thinking: true,
};
const models: KnownModel[] = [
  { name: "gemini-3.8-flash", ...GEMINI },
  { name: "gemini-3.1-pro-preview", ...GEMINI },
];

// Kept, because asking for a module that is there already still costs each request.
const loadSdk = once(() => import("@google/genai"));

/** The Gemini API. */
export const google = defineProviderKind({
  api: "google",
  defaultId: "google",
  title: "Google",
  envKeys: ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
  matches: (name) => name.startsWith("gemini-"),
  models,
  create(options) {
    const baseUrl = options.baseUrl ?? BASE_URL;
    const { id, keyElsewhere, isForeign } = options;
    const source: ErrorSource = { title: "Google", id, envKey: "GEMINI_API_KEY", baseUrl, keyElsewhere, isForeign };
    const held = createHeldTurns();
    return {
      id: options.id,
      models: () => listKeyedModels("google", models, options, source),
      async *stream(request, signal) {
        const apiKey = await neededKey(options.apiKey, source);
        const { GoogleGenAI } = await loadSdk();
        const asking: ErrorSource = { ...source, model: request.model };
        const wire = { options, source: asking, signal, toFrames: toGoogleFrames };
        yield* overConnection(wire, (connection) => {
          const { maxRetries } = connection;
          const fetch = failingPlainly(connection.fetch);
          const retryOptions = { attempts: maxRetries + 1, initialDelay: 0.5, maxDelay: 8 };
          const client = new GoogleGenAI({ apiKey, vertexai: false, httpOptions: { baseUrl, fetch, retryOptions } });
          return ask(client, connection, request, { source: asking, held });
        });
      },
    };
  },
});

/** What a fetch fails with is a TypeError, after which Google's SDK does not try again. */
function failingPlainly(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return (...given) =>
    fetch(...given).catch((error: unknown) => {
      throw error instanceof TypeError ? new Error(error.message, { cause: error }) : error;
    });
}

async function* ask(
  client: GoogleGenAI,
  connection: Connection,
  request: ModelRequest,
  { source, held }: { source: ErrorSource; held: HeldTurns },
): AsyncGenerator<ModelEvent> {
  const body = toGoogleRequest(request, source.id, connection.signal, held);
  connection.send(Array.isArray(body.contents) ? body.contents : []);
  const answer = new GoogleAnswer();
  const stream = yield* connection.answer(client.models.generateContentStream(body));
  for await (const chunk of connection.read(stream, () => answer.finish !== undefined)) yield* answer.read(chunk);
  connection.check();
  if (answer.finish === undefined) throw cutStream(source);
  yield answer.end(source.title);
}
