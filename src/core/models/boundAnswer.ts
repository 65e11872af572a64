import { AppError } from "../../base/appError.ts";
import type { ModelEvent, Provider } from "../ports/provider.ts";

// Four times what the longest answers of today's models hold.
const MAX_CHARS = 2_000_000;
const MAX_CALLS = 200;

/** The same provider, whose answers end with an error when they never end: a stream without end would fill the memory. */
export function boundAnswer(provider: Provider): Provider {
  return { ...provider, stream: (request, signal) => bounded(provider.id, provider.stream(request, signal)) };
}

async function* bounded(id: string, stream: AsyncIterable<ModelEvent>): AsyncGenerator<ModelEvent> {
  let chars = 0;
  let calls = 0;
  for await (const event of stream) {
    if (event.type === "text" || event.type === "thinking") chars += event.text.length;
    if (event.type === "toolCall") {
      calls += 1;
      chars += JSON.stringify(event.invalid ?? event.input).length;
    }
    if (chars > MAX_CHARS) throw tooLong(id, `more than ${MAX_CHARS} characters`);
    if (calls > MAX_CALLS) throw tooLong(id, `more than ${MAX_CALLS} tool calls`);
    yield event;
  }
}

function tooLong(id: string, what: string): AppError {
  return new AppError("provider_error", `${id} sent an answer of ${what}, which is the limit: the rest was not read`);
}
