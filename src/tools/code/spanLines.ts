import { headOf } from "../../base/cutText.ts";
import type { CodeSpan } from "../../core/ports/codeKnowledge.ts";
import type { Files } from "../../core/ports/files.ts";
import type { ToolContext } from "../../core/ports/tool.ts";
import { closedReason } from "../files/closedReason.ts";
import { leadsWithin } from "../files/leadsWithin.ts";
import { shownName } from "../files/shownName.ts";

const MAX_LINE = 300;

export interface SpanOptions extends Pick<ToolContext, "workspace" | "commands" | "files"> {
  most: number;
  /** Of each span: how many of its lines are shown. */
  lines: number;
}

/** "src/a.ts:3: text of the line" for each; what is outside of the workspace without its text, what is not to be read not at all. */
export async function spanLines(spans: CodeSpan[], options: SpanOptions): Promise<string[]> {
  const { workspace, files, most } = options;
  const texts = new Map<string, string[] | undefined>();
  const out: string[] = [];
  let closed = 0;
  for (const span of spans.slice(0, most)) {
    const shown = leadsWithin(workspace, span.path);
    if (shown === undefined) {
      out.push(`${shownName(span.path)}:${span.line} (outside the workspace)`);
      continue;
    }
    if ((await closedReason(options, span.path)) !== undefined) {
      closed += 1;
      continue;
    }
    if (!texts.has(span.path)) texts.set(span.path, await linesOf(files, span.path));
    out.push(drawn(shown, span, texts.get(span.path) ?? [], options.lines));
  }
  return [
    ...out,
    ...(spans.length > most ? [`[${spans.length - most} more]`] : []),
    ...(closed > 0 ? [`[${closed} in files that may hold secrets, or that a rule closes; use read]`] : []),
  ];
}

function drawn(shown: string, { line, endLine }: CodeSpan, text: string[], most: number): string {
  const last = Math.max(line, Math.min(endLine, line + most - 1));
  const body = text.slice(line - 1, last).map((words) => headOf(words, MAX_LINE));
  if (body.length <= 1) return `${shownName(shown)}:${line}: ${(body[0] ?? "").trim()}`;
  const more = endLine > last ? [`[to line ${endLine}; read on with read, offset ${last + 1}]`] : [];
  return [`${shownName(shown)}:${line}-${last}`, ...body, ...more].join("\n");
}

async function linesOf(files: Files, path: string): Promise<string[] | undefined> {
  const found = await files.readText(path).catch(() => undefined);
  return found?.text.split(/\r?\n/);
}
