import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import { visibleLine } from "../../base/text/visible.ts";
import type { CodeKnowledge, CodePosition, CodeSymbol } from "../../core/ports/codeKnowledge.ts";
import { defineTool, type ToolContext } from "../../core/ports/tool.ts";
import { closedReason } from "../files/closedReason.ts";
import { leadsWithin } from "../files/leadsWithin.ts";
import { problemLines } from "../files/problemLines.ts";
import { shownName } from "../files/shownName.ts";
import { readWorkspaceText } from "../files/workspaceText.ts";
import { needCode } from "./needCode.ts";
import { spanLines } from "./spanLines.ts";
import { symbolPlace } from "./symbolPlace.ts";

// A project that is opened for the first question may take its time.
const LIMIT_MS = 20_000;
const MOST_PROBLEMS = 100;
const MOST_PLACES = 100;
const MOST_SYMBOLS = 300;
const DEFINITION_LINES = 12;

const codeInput = z.object({
  action: z.enum(["diagnostics", "definition", "references", "symbols"]),
  path: z.string().optional(),
  symbol: z.string().max(500).optional(),
  line: z.int().min(1).max(1e9).optional(),
});

type CodeInput = z.output<typeof codeInput>;

export const code = defineTool({
  name: "code",
  description:
    "Ask the editor's language server: diagnostics or symbols of path (or of all, symbols by a part of their name); definition or references of symbol in path (line: nearest).",
  input: codeInput,
  effect: "read",
  needsWorkspace: true,
  needsEditor: true,

  async prepare(input, context) {
    const asked = needCode(context);
    const found = input.path === undefined ? undefined : await findText(input.path, context);
    return {
      touches: [],
      looksAt: found ? [found.path.real] : [],
      run: async () => ({ text: await answer(input, found, asked, context) }),
    };
  },
});

interface Found {
  path: { real: string; shown: string };
  text: string;
}

/** A text of the workspace that may be asked about. */
export async function findText(path: string, context: ToolContext): Promise<Found> {
  const found = await readWorkspaceText(context, path);
  if (found.text === null) throw new AppError("not_found", `${found.path.shown} does not exist`);
  const reason = await closedReason(context, found.path.real);
  if (reason !== undefined)
    throw new AppError(
      "forbidden",
      `${found.path.shown} is not asked about (${reason}); use read, which asks the user where it may`,
    );
  return { path: found.path, text: found.text };
}

async function answer(
  { action, symbol, line }: CodeInput,
  found: Found | undefined,
  asked: CodeKnowledge,
  context: ToolContext,
): Promise<string> {
  const { workspace, signal } = context;
  if (action === "diagnostics") return await diagnostics(found, asked, context);
  if (action === "symbols") {
    const symbols = found
      ? await asked.symbols(found.path.real, signal)
      : await asked.findSymbols(workspace, given(symbol, "symbol, or path"), signal);
    return symbols.length === 0 ? nobody("symbols", found) : await drawSymbols(symbols, found, context);
  }
  const file = given(found, "path");
  const place = positionOf(file, given(symbol, "symbol"), line);
  const spans = await asked[action](place, signal);
  if (spans.length === 0) return nobody(`${action} of ${symbol} at line ${place.line}`, file);
  const lines = action === "definition" ? DEFINITION_LINES : 1;
  const head = `${symbol} (${file.path.shown}:${place.line}): ${spans.length} ${spans.length === 1 ? "place" : "places"}`;
  const ordered = action === "definition" ? spans : inOrder(spans);
  return [head, ...(await spanLines(ordered, { ...context, most: MOST_PLACES, lines }))].join("\n");
}

/** Where in a file a name is asked about. */
export function positionOf({ path, text }: Found, symbol: string, line?: number): CodePosition {
  return { path: path.real, ...symbolPlace(text, { symbol, line, shown: path.shown }) };
}

export function given<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new AppError("bad_request", `This action needs ${name}`);
  return value;
}

async function diagnostics(found: Found | undefined, asked: CodeKnowledge, context: ToolContext): Promise<string> {
  const { workspace, signal } = context;
  if (!found) {
    const lines = await problemLines(asked.known(workspace), context, MOST_PROBLEMS);
    const scope = "of open files and what servers look at by themselves";
    return lines.length === 0
      ? `No problems are known (${scope})`
      : [`Known problems (${scope}):`, ...lines].join("\n");
  }
  const { problems, pending, unseen } = await asked.check([found.path.real], LIMIT_MS, signal);
  if (pending.length > 0)
    return `Nothing was told of ${found.path.shown} in time. Many language servers look only at files that the user has open in a tab`;
  if (unseen.length > 0)
    return `Whether ${found.path.shown} has problems is not known: no language server of the editor has said anything of it. Perhaps there is none for such files, or it looks only at those that the user has open in a tab`;
  const lines = await problemLines(problems, context, MOST_PROBLEMS);
  return lines.length === 0 ? `No problems in ${found.path.shown}` : lines.join("\n");
}

async function drawSymbols(symbols: CodeSymbol[], found: Found | undefined, context: ToolContext): Promise<string> {
  const told: string[] = [];
  for (const { name, kind, path, line, endLine, depth, container } of symbols.slice(0, MOST_SYMBOLS)) {
    const words = `${kind} ${visibleLine(name, 120)}`;
    if (found) told.push(`${"  ".repeat(Math.min(depth, 20))}${line}-${endLine} ${words}`);
    else if ((await closedReason(context, path)) === undefined)
      told.push(
        `${shownName(leadsWithin(context.workspace, path) ?? path)}:${line}: ${words}${container ? ` in ${visibleLine(container, 80)}` : ""}`,
      );
  }
  const more = symbols.length - MOST_SYMBOLS;
  return [...told, ...(more > 0 ? [`[${more} more]`] : [])].join("\n");
}

function nobody(what: string, found: Found | undefined): string {
  const where = found ? ` for files like ${found.path.shown}` : "";
  return `The editor knows no ${what}. Perhaps it has no language server${where}; grep finds text.`;
}

function inOrder<T extends { path: string; line: number }>(spans: T[]): T[] {
  return spans.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line));
}
