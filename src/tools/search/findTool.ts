import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import { defineTool } from "../../core/ports/tool.ts";
import { shownName } from "../files/shownName.ts";
import { toWorkspacePath } from "../files/workspacePath.ts";
import { listFiles } from "./fileList.ts";
import { leftOut } from "./leftOut.ts";
import { globIn } from "./pathGlob.ts";

const MAX_FOUND = 10_000;

export const find = defineTool({
  name: "find",
  description: "Find files by name, e.g. **/*.ts. Ignored files and node_modules are left out.",
  input: z.object({
    pattern: z.string(),
    path: z.string().optional(),
    limit: z.int().min(1).max(1000).optional(),
  }),
  effect: "read",
  needsWorkspace: true,

  async run({ pattern, path = ".", limit = 200 }, context) {
    const folder = await toWorkspacePath(context.workspace, path);
    if (!folder.exists) throw new AppError("not_found", `${folder.shown} does not exist`);
    const found: string[] = [];
    const left = new Set<string>();
    const { workspace, signal } = context;
    const matches = globIn(pattern, { workspace, folder: folder.shown });
    const unreadable = (one: string) => void left.add(one);
    for await (const file of listFiles({ workspace, folder: folder.shown, signal, unreadable })) {
      if (matches(file)) found.push(file);
      if (found.length >= MAX_FOUND) break;
    }
    const notes = leftOut("not looked into, because it could not be read", [...left]);
    if (found.length === 0) return { text: [`No file matches ${pattern}`, ...notes].join("\n") };
    found.sort();
    const count = `${found.length}${found.length >= MAX_FOUND ? " or more" : ""}`;
    const more = found.length > limit ? [`[${limit} of ${count}; narrow the pattern]`] : [];
    return { text: [...found.slice(0, limit).map(shownName), ...more, ...notes].join("\n") };
  },
});
