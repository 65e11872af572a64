import type { ModelServerRequest, Turn, TurnToolCall } from "./modelTurn.ts";

/**
 * What a fake model answers when nobody told it what to say: tools for a few keywords, what the tools returned, or an
 * echo. `tool:NAME {"json": 1}` in a message calls any tool with any input, several in parallel.
 */
export function echoScript(request: ModelServerRequest): Turn {
  const thinking = /\bthink\b/i.test(request.text) ? "The user asks for something; a short answer will do." : undefined;
  if (request.toolResults.length > 0) {
    return {
      thinking,
      text: request.toolResults.map((result) => `${result.isError ? "Failed" : "Result"}: ${result.text}`).join("\n"),
    };
  }
  const toolCalls = callsFor(request.text).filter((call) => request.tools.includes(call.name));
  if (toolCalls.length > 0) return { thinking, text: "I will look.", toolCalls };
  const seconds = /\bsleep (\d+)/.exec(request.text)?.[1];
  return {
    thinking,
    text: `Echo: ${request.text}`,
    ...(seconds ? { delayMs: Number(seconds) * 100, chunks: 10 } : {}),
  };
}

function callsFor(text: string): TurnToolCall[] {
  const explicit = [...text.matchAll(/tool:(\w+) (\{.*?\})(?=\s|$)/g)].map(([, name, json]): TurnToolCall => {
    try {
      return { name: name!, input: JSON.parse(json!) as unknown };
    } catch {
      return { name: name!, rawInput: json! };
    }
  });
  if (explicit.length > 0) return explicit;
  const found = (pattern: RegExp) => pattern.exec(text);
  let match: RegExpExecArray | null;
  if ((match = found(/^write (\S+) saying ([^]+)/i)))
    return [{ name: "write", input: { path: match[1], content: match[2] } }];
  if ((match = found(/^read (\S+)/i))) return [{ name: "read", input: { path: match[1] } }];
  if ((match = found(/^run ([^]+)/i))) return [{ name: "exec", input: { command: match[1] } }];
  if ((match = found(/^spawn ([^]+)/i))) return [{ name: "sessions_spawn", input: { task: match[1] } }];
  if (found(/\blist the files\b/i)) return [{ name: "list", input: { path: "." } }];
  return [];
}
