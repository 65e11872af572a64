import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import { defineTool } from "../../core/ports/tool.ts";
import { deniedReason } from "../files/closedReason.ts";
import { shownName } from "../files/shownName.ts";
import { toWorkspacePath } from "../files/workspacePath.ts";
import { listFiles } from "./fileList.ts";
import { leftOut } from "./leftOut.ts";
import { globIn } from "./pathGlob.ts";
import { findRipgrep } from "./ripgrep.ts";
import type { FoundLine, SearchNotes, SearchRequest } from "./search.ts";
import { searchFiles } from "./searchFiles.ts";

// It becomes an argument of a program, of which Windows takes 32,767 characters in all.
const MAX_PATTERN = 10_000;
const MAX_CHARS = 50_000;

export const grep = defineTool({
  name: "grep",
  description: "Search file contents by regular expression. Prints path:line:text.",
  input: z.object({
    pattern: z.string().min(1).max(MAX_PATTERN),
    path: z.string().optional(),
    glob: z.string().max(MAX_PATTERN).optional().describe("Which files, e.g. *.ts"),
    ignoreCase: z.boolean().optional(),
    context: z.int().min(0).max(20).optional().describe("Lines around"),
    limit: z.int().min(1).max(1000).optional(),
  }),
  effect: "read",
  needsWorkspace: true,

  async run({ pattern, path = ".", glob, ignoreCase = false, context: around = 0, limit = 100 }, context) {
    const { workspace, signal } = context;
    const place = await toWorkspacePath(workspace, path);
    if (!place.exists) throw new AppError("not_found", `${place.shown} does not exist`);
    const denied = (real: string) => deniedReason(context, real);
    const request = { workspace, path: place.shown, pattern, glob, ignoreCase, context: around, denied, signal };
    const notes: SearchNotes = { binary: [], tooLarge: [], unreadable: [], secret: [], denied: [] };
    const lines = searchFiles(request, findRipgrep(workspace), limit, notes);
    const text = await drawn(lines, { limit, context: around });
    const unfit = text === undefined && !notes.isFitted && glob !== undefined && !(await fitsAny({ ...request, glob }));
    const none = `Nothing matches ${pattern}${unfit ? `: no file${path === "." ? "" : ` in ${place.shown}`} fits ${glob}` : ""}`;
    return { text: [text ?? none, ...notesOf(notes)].join("\n") };
  },
});

/** Whether there is a file that a search would look into, whatever is in it. */
async function fitsAny({ glob, workspace, path, signal }: SearchRequest & { glob: string }): Promise<boolean> {
  const fits = globIn(glob, { workspace, folder: path });
  for await (const one of listFiles({ workspace, folder: path, signal, unreadable() {} })) if (fits(one)) return true;
  return false;
}

/** One line each for what was not searched or not shown, and why. */
function notesOf({ binary, tooLarge, unreadable, secret, denied, withoutRg }: SearchNotes): string[] {
  return [
    ...leftOut("found in, but not shown, because it is no text", binary),
    ...leftOut("not searched, because it is very large; name it to search it", tooLarge),
    ...leftOut("not searched, because it could not be read", unreadable),
    ...leftOut("not searched, because it may hold secrets; use read", secret),
    ...leftOut("not searched, because a rule denies it to be read", denied),
    ...leftOut("searched without rg", withoutRg ? [withoutRg] : []),
  ];
}

async function drawn(
  lines: AsyncIterable<FoundLine>,
  { limit, context }: { limit: number; context: number },
): Promise<string | undefined> {
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
    const path = shownName(line.path);
    shown.push(line.isHit ? `${path}:${line.line}:${line.text}` : `${path}-${line.line}-${line.text}`);
    chars += line.text.length + line.path.length;
    last = line;
  }
  return shown.length === 0 ? undefined : shown.join("\n");
}
