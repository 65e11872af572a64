import * as z from "zod";
import { headOf } from "../../../base/cutText.ts";
import { untrusted } from "../../../base/input/untrusted.ts";
import { visibleLine } from "../../../base/text/visible.ts";
import type { Message } from "../../../protocol/message.ts";
import { defineTool, type Tool } from "../../ports/tool.ts";

export const TOOL_SEARCH = "tool_search";

const MOST_SERVERS = 20;
const MOST_FOUND = 8;
const MAX_WORDS = 20;

/** What the model finds other tools with, where there are too many to show: those of servers. */
export function createToolSearch(hidden: Tool[], onFound: (sessionKey: string, names: string[]) => void): Tool {
  return defineTool({
    name: TOOL_SEARCH,
    description: `Find tools by what they do; those found can be called from then on. There are ${hidden.length} more, of ${serverWords(hidden)}.`,
    input: z.object({ query: z.string().describe("words, or a tool's name") }),
    effect: "read",
    async run({ query }, { session }) {
      const found = searchTools(hidden, query);
      const names = found.map(({ name }) => name);
      onFound(session.key, names);
      if (found.length === 0) return { text: `No tool fits ${JSON.stringify(headOf(query, 200))}. Try other words.` };
      const lines = found.map(({ name, description }) => `${name}: ${visibleLine(description, 300)}`);
      return { text: `These can be called now:\n${untrusted("mcp:tools", lines.join("\n"))}` };
    },
  }) as Tool;
}

/** The tools that a history has found or called. */
export function foundIn(messages: Message[]): string[] {
  const names: string[] = [];
  for (const message of messages) {
    if (message.role === "assistant") for (const { name } of message.toolCalls) names.push(name);
    else if (message.role === "tool" && message.name === TOOL_SEARCH)
      for (const [, name] of message.text.matchAll(/^([\w-]+): /gm)) names.push(name!);
  }
  return names;
}

/** Best first: a tool's own name, then how many of the words stand in its name, and in its description. */
export function searchTools(tools: Tool[], query: string): Tool[] {
  const wanted = query.trim().toLowerCase();
  const words = [...new Set(wordsOf(wanted))].slice(0, MAX_WORDS);
  const scored = tools.map((tool) => ({ tool, score: score(tool, wanted, words) })).filter(({ score }) => score > 0);
  return scored
    .toSorted((a, b) => b.score - a.score || (a.tool.name < b.tool.name ? -1 : 1))
    .slice(0, MOST_FOUND)
    .map(({ tool }) => tool);
}

function score({ name, description }: Tool, wanted: string, words: string[]): number {
  if (name.toLowerCase() === wanted) return 1000;
  const inName = wordsOf(name.replace(/^mcp__/, ""));
  const told = new Set(wordsOf(headOf(description, 2000)));
  let sum = 0;
  for (const word of words) {
    if (inName.includes(word)) sum += 10;
    else if (
      word.length > 2 &&
      inName.some((part) => part.startsWith(word) || (part.length > 2 && word.startsWith(part)))
    )
      sum += 6;
    if (told.has(word)) sum += 2;
  }
  return sum;
}

/** "listIssues by_page" -> list, issues, by, page. */
function wordsOf(text: string): string[] {
  return text
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

function serverWords(tools: Tool[]): string {
  const counts = new Map<string, number>();
  for (const { server = "" } of tools) counts.set(server, (counts.get(server) ?? 0) + 1);
  const shown = [...counts].slice(0, MOST_SERVERS).map(([server, count]) => `${server} (${count})`);
  const more = counts.size - shown.length;
  return `${shown.join(", ")}${more > 0 ? ` and ${more} other servers` : ""}`;
}
