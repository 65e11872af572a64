import * as z from "zod";
import { AppError } from "../base/appError.ts";
import { defineTool } from "../core/ports/tool.ts";
import { toWorkspacePath } from "./files/workspacePath.ts";
import { plainSearch } from "./search/plainSearch.ts";
import { findRipgrep } from "./search/ripgrep.ts";
import { ripgrepSearch } from "./search/ripgrepSearch.ts";
import type { FoundLine } from "./search/search.ts";

const MAX_LINE_CHARS = 300;
const MAX_CHARS = 50_000;

export const grep = defineTool({
  name: "grep",
  description: "Search file contents by regular expression. Prints path:line:text.",
  input: z.object({
    pattern: z.string().min(1),
    path: z.string().optional(),
    glob: z.string().optional().describe("Which files, e.g. *.ts"),
    ignoreCase: z.boolean().optional(),
    context: z.int().min(0).max(20).optional().describe("Lines around"),
    limit: z.int().min(1).max(1000).optional(),
  }),
  effect: "read",
  needsWorkspace: true,

  async run({ pattern, path = ".", glob, ignoreCase = false, context = 0, limit = 100 }, { workspace, signal }) {
    const place = await toWorkspacePath(workspace, path);
    if (!place.exists) throw new AppError("not_found", `${place.shown} does not exist`);
    const request = { workspace, path: place.shown, pattern, glob, ignoreCase, context, signal };
    const rg = await findRipgrep(workspace);
    return { text: await drawn(rg ? ripgrepSearch(rg, request) : plainSearch(request), { limit, context, pattern }) };
  },
});

async function drawn(
  lines: AsyncIterable<FoundLine>,
  { limit, context, pattern }: { limit: number; context: number; pattern: string },
): Promise<string> {
  const shown: string[] = [];
  let hits = 0;
  let chars = 0;
  let last: FoundLine | undefined;
  for await (const line of lines) {
    if (line.isHit) hits += 1;
    if (hits > limit || chars > MAX_CHARS)
      return `${shown.join("\n")}\n[more was found; narrow the pattern, path or glob]`;
    const isGap = context > 0 && last && (last.path !== line.path || last.line + 1 !== line.line);
    if (isGap) shown.push("--");
    const text = line.text.length > MAX_LINE_CHARS ? `${line.text.slice(0, MAX_LINE_CHARS)}...` : line.text;
    shown.push(line.isHit ? `${line.path}:${line.line}:${text}` : `${line.path}-${line.line}-${text}`);
    chars += text.length + line.path.length;
    last = line;
  }
  return shown.length === 0 ? `Nothing matches ${pattern}` : shown.join("\n");
}
