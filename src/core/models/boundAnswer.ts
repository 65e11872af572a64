import { AppError } from "../../base/appError.ts";
import type { ModelEvent, Provider } from "../ports/provider.ts";

// Four times what the longest answers of today's models hold.
const MAX_CHARS = 2_000_000;
const MAX_CALLS = 200;
// They are stored with the call, and sent again in every later request.
const MAX_NAME_CHARS = 2000;

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
      if (event.id.length > MAX_NAME_CHARS) throw tooLong(id, `a tool call whose id has ${event.id.length} characters`);
      if (event.name.length > MAX_NAME_CHARS)
        throw tooLong(id, `a tool call whose name has ${event.name.length} characters`);
      chars += JSON.stringify(event.invalid ?? event.input).length;
    }
    if (chars > MAX_CHARS) throw tooLong(id, `an answer of more than ${MAX_CHARS} characters, which is the limit`);
    if (calls > MAX_CALLS) throw tooLong(id, `an answer of more than ${MAX_CALLS} tool calls, which is the limit`);
    yield event;
  }
}

function tooLong(id: string, what: string): AppError {
  return new AppError("provider_error", `${id} sent ${what}; the rest was not read`);
}
