import { createHash } from "node:crypto";
import {
  type ModelProtocol,
  type ModelServer,
  type ModelServerOptions,
  type RawRequest,
  type Refusal,
  startModelServer,
} from "./modelServer.ts";
import { estimateTokens, type ModelServerRequest, pieces, type Turn } from "./modelTurn.ts";

/** A fake of the Gemini API (generateContent). */
export function startGoogleServer(options: ModelServerOptions = {}): Promise<ModelServer> {
  return startModelServer(geminiProtocol, options);
}

interface Part {
  text?: string;
  thought?: boolean;
  thoughtSignature?: string;
  functionCall?: { id?: string; name: string; args?: unknown };
  functionResponse?: { id?: string; name: string; response?: { output?: string; error?: string } };
  inlineData?: { mimeType: string; data: string };
}

interface Content {
  role: string;
  parts: Part[];
}

const MODELS = ["gemini-3.8-flash", "gemini-3.1-pro-preview"];
const WINDOW_TOKENS = 1_048_576;
/** The documented stand-in for signatures that another model's history lacks. */
const SKIP_SIGNATURE = "skip_thought_signature_validator";
const STATUS_NAMES: Record<number, string> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
};

const geminiProtocol: ModelProtocol = {
  isModelRequest: (method, path) => method === "POST" && /:(streamGenerateContent|generateContent)/.test(path),
  refuse,
  answer: (method, path) =>
    method === "GET" && path.startsWith("/v1beta/models")
      ? { models: MODELS.map((name) => ({ name: `models/${name}` })) }
      : undefined,
  read({ path, body }) {
    const contents = contentsOf(body);
    const lastAsk = contents.findLastIndex(
      (content) => content.role === "user" && content.parts.some((part) => part.text !== undefined),
    );
    const responses = contents
      .slice(lastAsk + 1)
      .flatMap((content) => content.parts.flatMap((part) => (part.functionResponse ? [part.functionResponse] : [])));
    return {
      model: modelOf(path),
      streamed: path.includes(":streamGenerateContent"),
      system: ((body.systemInstruction as Content | undefined)?.parts ?? []).map((part) => part.text ?? "").join("\n"),
      text: contents[lastAsk]?.parts.findLast((part) => part.text !== undefined)?.text ?? "",
      toolResults: responses.map((found) => ({
        id: found.id ?? found.name,
        text: found.response?.error ?? found.response?.output ?? JSON.stringify(found.response),
        isError: found.response?.error !== undefined,
      })),
      tools: ((body.tools ?? []) as { functionDeclarations?: { name: string }[] }[]).flatMap((tool) =>
        (tool.functionDeclarations ?? []).map((one) => one.name),
      ),
    };
  },
  frames(turn, request) {
    const parts = partsOf(turn, request);
    const chunks = parts.flatMap((part): Part[] => {
      if (part.text === undefined) return [part];
      const cut = pieces(part.text, turn).map((text): Part => ({ ...part, text, thoughtSignature: undefined }));
      return part.thoughtSignature ? [...cut, { text: "", thoughtSignature: part.thoughtSignature }] : cut;
    });
    const last = {
      candidates: [{ index: 0, content: { role: "model", parts: [{ text: "" }] }, finishReason: turn.stop ?? "STOP" }],
      usageMetadata: usageOf(turn, request),
      modelVersion: request.model,
    };
    return [
      ...chunks.map((part) =>
        frame({
          candidates: [{ index: 0, content: { role: "model", parts: [part] } }],
          // The prompt is known from the start; what of the answer, only at its end.
          usageMetadata: { promptTokenCount: usageOf(turn, request).promptTokenCount },
          modelVersion: request.model,
        }),
      ),
      frame(last),
    ];
  },
  whole: (turn, request) => ({
    candidates: [
      { index: 0, content: { role: "model", parts: partsOf(turn, request) }, finishReason: turn.stop ?? "STOP" },
    ],
    usageMetadata: usageOf(turn, request),
    modelVersion: request.model,
  }),
  errorBody: (status, message) => ({
    error: {
      code: status,
      message,
      status: STATUS_NAMES[status] ?? "UNKNOWN",
      ...(message.startsWith("API key not valid")
        ? { details: [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID" }] }
        : {}),
    },
  }),
  errorFrame: (message) => frame({ error: { code: 503, message, status: "UNAVAILABLE" } }),
};

function refuse({ method, path, headers, body }: RawRequest): Refusal | undefined {
  const key = headers["x-goog-api-key"];
  if (!key)
    return {
      status: 403,
      message: "Method doesn't allow unregistered callers (callers without established identity).",
    };
  if (key.includes("wrong")) return bad("API key not valid. Please pass a valid API key.");
  if (method !== "POST") return undefined;
  const model = modelOf(path);
  if (!MODELS.includes(model)) return { status: 404, message: `models/${model} is not found for API version v1beta.` };
  const contents = contentsOf(body);
  if (contents.length === 0) return bad("* GenerateContentRequest.contents: contents is not specified");
  let open = 0;
  for (const [at, content] of contents.entries()) {
    if (!["user", "model"].includes(content.role)) return bad("Please use a valid role: user, model.");
    if (content.parts.length === 0)
      return bad(`* GenerateContentRequest.contents[${at}].parts: must include at least one parts field`);
    const responses = content.parts.filter((part) => part.functionResponse).length;
    if (responses !== open)
      return bad(
        "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.",
      );
    const calls = content.parts.filter((part) => part.functionCall);
    if (calls.length > 0 && contents[at - 1]?.role !== "user")
      return bad(
        "Please ensure that function call turn comes immediately after a user turn or after a function response turn.",
      );
    const signature = calls[0]?.thoughtSignature;
    if (calls.length > 0 && !signature)
      return bad(
        `Function call is missing a thought_signature in functionCall parts. Function call \`default_api:${calls[0]!.functionCall!.name}\`.`,
      );
    if (signature && signature !== SKIP_SIGNATURE && signature !== sign(calls[0]!.functionCall!.name))
      return bad("Thought signature is not valid.");
    open = calls.length;
  }
  if (open > 0)
    return bad(
      "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.",
    );
  const size = estimateTokens(contents);
  return size > WINDOW_TOKENS
    ? bad(`The input token count (${size}) exceeds the maximum number of tokens allowed (${WINDOW_TOKENS}).`)
    : undefined;
}

function bad(message: string): Refusal {
  return { status: 400, message };
}

function partsOf(turn: Turn, request: ModelServerRequest): Part[] {
  const thoughts = (request.body.generationConfig as { thinkingConfig?: { includeThoughts?: boolean } } | undefined)
    ?.thinkingConfig?.includeThoughts;
  const parts: Part[] = turn.thinking && thoughts ? [{ text: turn.thinking, thought: true }] : [];
  if (turn.text) parts.push({ text: turn.text, ...(turn.thinking ? { thoughtSignature: sign("text") } : {}) });
  for (const [index, call] of (turn.toolCalls ?? []).entries()) {
    // As on the real API, the first of parallel calls carries the signature.
    parts.push({
      functionCall: { ...(call.id ? { id: call.id } : {}), name: call.name, args: call.input ?? {} },
      ...(index === 0 ? { thoughtSignature: sign(call.name) } : {}),
    });
  }
  return parts;
}

function usageOf(turn: Turn, request: ModelServerRequest): Record<string, number> {
  const { usage } = turn;
  const cached = usage?.cacheReadTokens ?? 0;
  const prompt = (usage?.inputTokens ?? estimateTokens(request.body.contents)) + cached;
  const candidates = usage?.outputTokens ?? estimateTokens(turn.text ?? "");
  const thoughts = usage?.thinkingTokens ?? 0;
  // As on the real API: cached tokens are part of the prompt, thoughts are not part of the candidates.
  return {
    promptTokenCount: prompt,
    candidatesTokenCount: candidates,
    totalTokenCount: prompt + candidates + thoughts,
    ...(cached ? { cachedContentTokenCount: cached } : {}),
    ...(thoughts ? { thoughtsTokenCount: thoughts } : {}),
  };
}

function contentsOf(body: Record<string, unknown>): Content[] {
  return (body.contents ?? []) as Content[];
}

function modelOf(path: string): string {
  return /\/models\/([^:]+):/.exec(path)?.[1] ?? "";
}

function sign(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}

function frame(value: unknown): string {
  return `data: ${JSON.stringify(value)}\r\n\r\n`;
}
