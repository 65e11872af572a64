import { defined } from "../../base/defined.ts";
import type { Message, ToolMessage } from "../../protocol/message.ts";
import type { ToolSpec } from "../../core/ports/provider.ts";

export interface DemoCall {
  name: string;
  input: Record<string, unknown>;
}

/** What the demo understood: the calls it would make, and in a few words what for. */
export interface Intent {
  calls: DemoCall[];
  /** What is left to call once that has come back. */
  next?(result: ToolMessage): DemoCall[];
  purpose: string;
}

/** The newest thing asked, with the results of the calls made for it. */
export interface Ask {
  text: string;
  /** It is the result of a sub-agent. */
  isResult: boolean;
  results: ToolMessage[];
}

interface Phrase {
  pattern: RegExp;
  understand(groups: string[]): Intent;
}

const FILE = String.raw`[\`"']?([\w./@\\-]+?)[\`"']?`;

/** Of the lines of a folder's list, where a link has a mark. */
const README = /^(readme(?:\.(?:md|markdown|txt|rst|adoc))?)@?$/im;

// The first that fits wins, so the narrow ones come first.
const PHRASES: Phrase[] = [
  {
    pattern: /^(?:write|create)\s+[`"']?([\w./@\\-]+?)[`"']?\s+(?:saying|with|containing)[:\s]\s*([^]+)$/i,
    understand: ([path = "", text = ""]) => ({
      purpose: `write ${path}`,
      calls: [{ name: "write", input: { path, content: `${unquote(text)}\n` } }],
    }),
  },
  {
    pattern: new RegExp(
      String.raw`^(?:edit|change)\s+${FILE}[:,]?\s+(?:replace|change|from)\s+([^]+?)\s+(?:with|by|to)\s+([^]+)$`,
      "i",
    ),
    understand: ([path = "", before = "", after = ""]) => ({
      purpose: `edit ${path}`,
      calls: [{ name: "edit", input: { path, oldText: unquote(before), newText: unquote(after) } }],
    }),
  },
  {
    pattern: /^(?:run|execute|exec)\s+([^]+)$/i,
    understand: ([command = ""]) => ({
      purpose: `run ${command}`,
      calls: [{ name: "exec", input: { command: unquote(command) } }],
    }),
  },
  {
    pattern: /^(?:spawn|delegate)\b[:\s]*(?:(?:a |an )?sub-?agent (?:to |for )?)?([^]+)$/i,
    understand: ([task = ""]) => ({
      purpose: "hand this to a sub-agent",
      calls: [{ name: "sessions_spawn", input: { task } }],
    }),
  },
  {
    pattern:
      /^(?:find|search(?:\s+for)?|grep(?:\s+for)?|look\s+for)\s+(?:(?:all|every)\s+)?(?:files?\s+(?:named\s+|like\s+)?)?[`"']?([^`"']+?)[`"']?(?:\s+in\s+([\w./-]+?))?[.?]?$/i,
    understand: ([pattern = "", path]) => ({
      purpose: `search for ${pattern}`,
      calls: [
        {
          name: /[*]|^[\w-]+\.\w{1,5}$/.test(pattern) ? "find" : "grep",
          input: { pattern, ...defined({ path: path || undefined }) },
        },
      ],
    }),
  },
  {
    pattern: /\b(?:list|show|what|which)\b.*\b(?:files|folder|directory)\b|^ls\b/i,
    understand: () => ({ purpose: "list the files", calls: [{ name: "list", input: { path: "." } }] }),
  },
  {
    pattern:
      /\b(?:what|explain|describe|summari[sz]e|tell me about)\b.*\b(?:project|repo|repository|workspace|code ?base)\b/i,
    understand: () => ({
      purpose: "look at the files, and at the README where there is one",
      calls: [{ name: "list", input: { path: "." } }],
      next({ text, isError }) {
        const path = isError ? undefined : README.exec(text)?.[1];
        return path === undefined ? [] : [{ name: "read", input: { path } }];
      },
    }),
  },
  {
    pattern: new RegExp(String.raw`\b(?:read|open|show|cat)\s+(?:me\s+)?(?:the\s+)?(?:file\s+)?${FILE}[.?]?$`, "i"),
    understand: ([path = ""]) => ({ purpose: `read ${path}`, calls: [{ name: "read", input: { path } }] }),
  },
];

/** The calls for an ask: those it asks for, what follows from them, a wait for what it has spawned, or none when all have come back. */
export function nextCalls({ results, isResult }: Ask, intent: Intent | undefined, tools: ToolSpec[]): DemoCall[] {
  if (results.length === 0) return isResult ? [] : (intent?.calls ?? []);
  const isOffered = (name: string) => tools.some((tool) => tool.name === name);
  if (results.length === 1 && intent?.next) return intent.next(results[0]!).filter(({ name }) => isOffered(name));
  const spawned = results.every(({ name, isError }) => name === "sessions_spawn" && !isError);
  return spawned && isOffered("sessions_wait") ? [{ name: "sessions_wait", input: {} }] : [];
}

/** What a text asks for, with the calls that the tools on offer allow; undefined when the demo has no answer to it. */
export function understand(text: string, tools: ToolSpec[]): Intent | undefined {
  const offered = new Set(tools.map((tool) => tool.name));
  const plain = text.trim().replace(/^(?:(?:please|can you|could you|now)\s+)+/i, "");
  for (const phrase of PHRASES) {
    const match = phrase.pattern.exec(plain);
    if (!match) continue;
    const intent = phrase.understand(match.slice(1));
    return { ...intent, calls: intent.calls.filter((call) => offered.has(call.name)) };
  }
  return undefined;
}

/** The newest words of a person or of the gateway, and what tools said since. */
export function newestAsk(messages: Message[]): Ask {
  const index = messages.findLastIndex((message) => message.role === "user" || message.role === "system");
  const ask = messages[index];
  // An edited plan may be another than what was asked, so only one that stands as it was written is done from those words.
  const accepts = ask?.role === "user" && ask.plan !== undefined && ask.text.startsWith("I accept the plan. ");
  const said = accepts ? messages.slice(0, index).findLast(({ role }) => role === "user") : ask;
  return {
    text: said?.text ?? "",
    isResult: ask?.role === "system" && ask.origin?.via === "subagent",
    results: messages.slice(index + 1).filter((message): message is ToolMessage => message.role === "tool"),
  };
}

function unquote(text: string): string {
  return /^(["'`])([^]*)\1$/.exec(text.trim())?.[2] ?? text.trim();
}
