import { defined } from "../../base/defined.ts";
import type {
  Content,
  FunctionDeclaration,
  GenerateContentParameters,
  Part,
  ThinkingConfig,
  ThinkingLevel,
} from "@google/genai";
import type { ModelRequest } from "../../core/ports/provider.ts";
import type { ToolMessage } from "../../protocol/message.ts";
import { type AssistantTurn, inputOf, nativeOf, notShown, type UserPart } from "../shared/exchanges.ts";
import { closedSchema, isAnyObject } from "../shared/closedSchema.ts";
import { IMAGE_LIMITS, isImage } from "../shared/imageLimits.ts";
import { type HeldTurns, makeTurns, type TurnForm } from "../shared/heldTurns.ts";
import { wellFormedRequest } from "../shared/wellFormed.ts";

// Calls of other models have no signature; this documented stand-in is taken in its place.
export const NO_SIGNATURE = "skip_thought_signature_validator";

/** A request in the words of the Gemini API. */
export function toGoogleRequest(
  given: ModelRequest,
  provider: string,
  abortSignal: AbortSignal,
  held?: HeldTurns,
): GenerateContentParameters {
  const request = wellFormedRequest(given);
  const form: TurnForm<Content> = {
    limits: IMAGE_LIMITS.google,
    variant: request.model,
    toTurns: (exchanges) =>
      exchanges.reduce<Content[]>((all, exchange) => {
        if (exchange.role === "user") return say(all, exchange.parts.map(toPart));
        const { parts, results } = toModelParts(exchange, request.model, provider);
        all.push({ role: "model", parts });
        return results.length > 0 ? say(all, results) : all;
      }, []),
  };
  const contents = held ? held.make(request.messages, form) : makeTurns(request.messages, form);
  return {
    model: request.model,
    contents,
    config: {
      abortSignal,
      ...defined({ systemInstruction: request.system || undefined }),
      ...toToolsAndSchema(request),
      ...(/^gemini-([3-9]|2\.5)/.test(request.model)
        ? { thinkingConfig: { includeThoughts: true, ...thinkingOf(request) } }
        : {}),
      ...defined({ temperature: request.temperature, topP: request.topP, seed: request.seed }),
      ...defined({ stopSequences: request.stop?.slice(0, 5), maxOutputTokens: request.maxOutputTokens || undefined }),
    },
  };
}

// Gemini 2.5 takes a number of tokens; those after it a degree, of which the first ones know the lowest and the highest.
const BUDGETS = { low: 1024, medium: 8192, high: 24_576 };

function thinkingOf({ model, effort }: ModelRequest): ThinkingConfig {
  if (!effort) return {};
  if (model.startsWith("gemini-2.5")) return { thinkingBudget: BUDGETS[effort] };
  return effort === "medium" ? {} : { thinkingLevel: (effort === "low" ? "LOW" : "HIGH") as ThinkingLevel };
}

/** Models before Gemini 3 take tools or a schema, and refuse both together. */
function toToolsAndSchema({ model, tools, output }: ModelRequest): GenerateContentParameters["config"] {
  const takesBoth = /^gemini-([3-9]|\d\d)/.test(model);
  const shaped = output && (takesBoth || tools.length === 0 || output.alone);
  return {
    ...(tools.length > 0 && (takesBoth || !shaped)
      ? { tools: [{ functionDeclarations: tools.map(toDeclaration) }] }
      : {}),
    ...(shaped
      ? {
          responseMimeType: "application/json",
          ...(isAnyObject(output.schema)
            ? {}
            : { responseJsonSchema: closedSchema(output.schema)?.schema ?? output.schema }),
        }
      : {}),
  };
}

function toDeclaration(tool: ModelRequest["tools"][number]): FunctionDeclaration {
  const { $schema: _dialect, ...schema } = tool.inputSchema;
  return { name: tool.name, description: tool.description, parametersJsonSchema: { type: "object", ...schema } };
}

// Results must be a turn of their own, directly after the calls.
function say(all: Content[], parts: Part[]): Content[] {
  const last = all.at(-1);
  const mixes = last?.parts?.some((part) => part.functionResponse) !== parts.some((part) => part.functionResponse);
  if (last?.role === "user" && !mixes) last.parts!.push(...parts);
  else all.push({ role: "user", parts });
  return all;
}

function toModelParts(
  { message, results }: AssistantTurn,
  model: string,
  provider: string,
): { parts: Part[]; results: Part[] } {
  const native = nativeOf<Part[]>(message, provider, model);
  const calls = native?.flatMap((part) => (part.functionCall ? [part.functionCall] : [])) ?? [];
  const kept = native && calls.map((call) => call.name).join() === message.toolCalls.map((call) => call.name).join();
  if (kept) return { parts: native, results: results.map((result, index) => toResponse(result, calls[index]?.id)) };
  const parts: Part[] = message.text.trim() ? [{ text: message.text }] : [];
  for (const [index, call] of message.toolCalls.entries()) {
    parts.push({
      functionCall: { name: call.name, args: inputOf(call) },
      ...(index === 0 ? { thoughtSignature: NO_SIGNATURE } : {}),
    });
  }
  return { parts, results: results.map((result) => toResponse(result)) };
}

function toResponse(result: ToolMessage, id?: string): Part {
  const images = (result.images ?? []).filter(isImage);
  return {
    functionResponse: {
      ...defined({ id: id || undefined }),
      name: result.name,
      response: result.isError ? { error: result.text } : { output: result.text },
      ...(images.length > 0
        ? { parts: images.map((image) => ({ inlineData: { mimeType: image.mediaType, data: image.data } })) }
        : {}),
    },
  };
}

function toPart(part: UserPart): Part {
  if (part.type === "text") return { text: part.text };
  const { attachment } = part;
  if (!isImage(attachment) && attachment.mediaType !== "application/pdf") return { text: notShown(attachment) };
  return { inlineData: { mimeType: attachment.mediaType, data: attachment.data } };
}
