import { protectedReason } from "../../rules/protectedPath.ts";
import { pathGlob } from "./pathGlob.ts";
import { ripgrepLines } from "./ripgrep.ts";
import type { FoundLine, SearchRequest } from "./search.ts";

/** Searches with rg. Files that may hold secrets are left out. */
export async function* ripgrepSearch(rg: string, request: SearchRequest): AsyncGenerator<FoundLine> {
  const args = ["--json", "--sort=path", "--max-filesize=5M", "--context", String(request.context)];
  if (request.ignoreCase) args.push("--ignore-case");
  // Not rg's own --glob, which would bring back files that are ignored.
  const matches = request.glob === undefined ? undefined : pathGlob(request.glob);
  args.push("--regexp", request.pattern, "--", request.path);
  for await (const line of ripgrepLines(rg, request.workspace, args, request.signal)) {
    const event = JSON.parse(line) as RipgrepEvent;
    if (event.type !== "match" && event.type !== "context") continue;
    const { path, lines, line_number: number } = event.data;
    // Names and lines that are not UTF-8 come in another form.
    if (path.text === undefined || lines.text === undefined) continue;
    const name = path.text.replace(/^\.[\\/]/, "").replaceAll("\\", process.platform === "win32" ? "/" : "\\");
    if ((matches && !matches(name)) || protectedReason(name, "read")) continue;
    yield { path: name, line: number, text: lines.text.replace(/\r?\n$/, ""), isHit: event.type === "match" };
  }
}

interface RipgrepEvent {
  type: string;
  data: { path: { text?: string }; lines: { text?: string }; line_number: number };
}
