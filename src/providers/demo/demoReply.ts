import type { ToolSpec } from "../../core/ports/provider.ts";
import type { ToolMessage } from "../../protocol/message.ts";
import type { Ask, Intent } from "./demoIntent.ts";

const SHOWN_LINES = 20;

/** Ends every reply: what this is, and the way to a real model. */
export const DEMO_NOTE =
  "---\n*This is Pincer's offline demo, not a language model: it answers from a script, while the tools it calls are real. " +
  "For a real model run **Pincer: Set up a model…**, set `ANTHROPIC_API_KEY`, `OPENAI_API_KEY` or `GEMINI_API_KEY`, " +
  "or add a provider to `openclaw.yml`.*";

const EXAMPLES = [
  "what is in this project",
  "list the files",
  "find TODO",
  "write hello.txt saying Hello from Pincer",
  "read hello.txt",
  "edit hello.txt replace Hello with Goodbye",
  "run npm test",
  "spawn list the files",
];

/** The reply to an ask whose calls, if any, have all come back. */
export function toReply(ask: Ask, intent: Intent | undefined, tools: ToolSpec[]): string {
  const body =
    ask.results.length > 0
      ? ask.results.map(tell).join("\n\n")
      : ask.isResult
        ? report(ask)
        : withoutTools(ask, intent, tools);
  return `${body}\n\n${DEMO_NOTE}`;
}

function report({ text }: Ask): string {
  return `The sub-agent reports:\n\n${quote(text.slice(text.indexOf("\n\n") + 2))}`;
}

function withoutTools(ask: Ask, intent: Intent | undefined, tools: ToolSpec[]): string {
  // Who may read has a folder.
  if (intent && tools.some(({ name }) => name === "read"))
    return `I would ${intent.purpose}. The tool for it is not on offer now: while a plan is made nothing is changed, and an agent may have fewer tools. Where this is a plan, accept it and I will do so.`;
  if (intent)
    return `I would ${intent.purpose}, but the tool for it is not on offer in this session. Does it have a workspace folder?`;
  const said = ask.text.trim() ? `You said:\n\n${quote(ask.text)}\n\n` : "";
  return `${said}I can show you how Pincer works. Try one of these:\n\n${EXAMPLES.map((example) => `- \`${example}\``).join("\n")}`;
}

function tell(result: ToolMessage): string {
  if (result.isError) return `\`${result.name}\` did not go through:\n\n${block(result.text)}`;
  const lines = result.text.trimEnd().split("\n");
  const count = result.text.trim() === "" ? 0 : lines.length;
  const heading = lines.map((line) => /^(?:\s*\d+[\t|:]\s*)?#\s+(.+)/.exec(line)?.[1]).find(Boolean);
  if (result.name === "list")
    return `The folder holds **${plural(count, "entry", "entries")}**:\n\n${block(result.text)}`;
  if (result.name === "read")
    return `The file has **${plural(count, "line")}**${heading ? ` and calls itself *${heading}*` : ""}. It begins:\n\n${block(result.text)}`;
  if (result.name === "grep" || result.name === "find") {
    return count === 0
      ? "The search found nothing."
      : `The search found **${plural(count, "line")}**:\n\n${block(result.text)}`;
  }
  if (result.name === "sessions_spawn") return "A sub-agent is at work; its result comes as a message.";
  if (result.name === "sessions_wait") return "The sub-agent is still at work; its result comes as a message.";
  if (result.name === "exec") return `The command has run:\n\n${block(result.text)}`;
  return `Done:\n\n${block(result.text)}`;
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function block(text: string): string {
  const lines = (text.trim() === "" ? "(nothing)" : text.trimEnd()).split("\n");
  const rest =
    lines.length > SHOWN_LINES ? `\n… and ${plural(lines.length - SHOWN_LINES, "more line", "more lines")}` : "";
  const shown = `${lines.slice(0, SHOWN_LINES).join("\n")}${rest}`;
  // A fence must be longer than any in the text.
  const fence = "`".repeat(Math.max(3, ...[...shown.matchAll(/`{3,}/g)].map((match) => match[0].length + 1)));
  return `${fence}text\n${shown}\n${fence}`;
}

function quote(text: string): string {
  return text
    .trim()
    .split("\n")
    .slice(0, SHOWN_LINES)
    .map((line) => `> ${line}`)
    .join("\n");
}
