import { AppError } from "../../base/appError.ts";
import type { Usage } from "../../protocol/usage.ts";
import type { ModelEvent, Provider } from "../ports/provider.ts";

// Four times what the longest answers of today's models hold.
const MAX_CHARS = 2_000_000;
const MAX_CALLS = 200;
// They are stored with the call, and sent again in every later request.
const MAX_NAME_CHARS = 2000;
// Far more than there can be; sums of these are exact for as long as anybody asks.
const MAX_TOKENS = 1_000_000_000_000;

/**
 * The same provider, whose answers end with an error when they never end, as a stream without end would fill the memory, and where
 * a text in them is none. Counts that no store holds are left out, as if they had not been told.
 */
export function boundAnswer(provider: Provider): Provider {
  return { ...provider, stream: (request, signal) => bounded(provider.id, provider.stream(request, signal)) };
}

async function* bounded(id: string, stream: AsyncIterable<ModelEvent>): AsyncGenerator<ModelEvent> {
  let chars = 0;
  let calls = 0;
  for await (const event of stream) {
    if (event.type === "text" || event.type === "thinking") chars += lengthOf(event.text, id);
    if (event.type === "toolCall") {
      calls += 1;
      const [idChars, nameChars] = [lengthOf(event.id, id), lengthOf(event.name, id)];
      if (idChars > MAX_NAME_CHARS) throw tooLong(id, `a tool call whose id has ${idChars} characters`);
      if (nameChars > MAX_NAME_CHARS) throw tooLong(id, `a tool call whose name has ${nameChars} characters`);
      chars += JSON.stringify(event.invalid ?? event.input).length;
    }
    if (chars > MAX_CHARS) throw tooLong(id, `an answer of more than ${MAX_CHARS} characters, which is the limit`);
    if (calls > MAX_CALLS) throw tooLong(id, `an answer of more than ${MAX_CALLS} tool calls, which is the limit`);
    if (event.type === "end" && !isCounted(event.usage)) yield { ...event, usage: null };
    else if (event.type !== "spent" || isCounted(event.usage)) yield event;
  }
}

function isCounted(usage: Usage | null): boolean {
  if (usage === null) return true;
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = usage;
  return [inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens].every(
    (count) => Number.isInteger(count) && count >= 0 && count <= MAX_TOKENS,
  );
}

/** What comes from outside may be anything, whatever its type says. */
function lengthOf(text: unknown, id: string): number {
  if (typeof text === "string") return text.length;
  throw new AppError(
    "provider_error",
    `${id} sent an answer that cannot be read, with what is no text in place of one`,
  );
}

function tooLong(id: string, what: string): AppError {
  return new AppError("provider_error", `${id} sent ${what}; the rest was not read`);
}
