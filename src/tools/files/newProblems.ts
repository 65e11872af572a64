import type { Checked, Problem } from "../../core/ports/codeKnowledge.ts";
import type { ToolContext } from "../../core/ports/tool.ts";
import { problemLines } from "./problemLines.ts";

// Longer than a server takes that runs already, and no longer than anybody wants to wait for an edit.
const LIMIT_MS = 4000;
const MOST = 10;

/**
 * Looks at the problems of files before they are changed; what it resolves with is called after that, and says which are new
 * then, in these files and in those that are open beside them. "" where there are none, or no editor knows.
 */
export async function watchProblems(paths: string[], context: ToolContext): Promise<() => Promise<string>> {
  const { code, workspace, signal } = context;
  if (!code) return async () => "";
  const watched = [...new Set([...paths, ...code.open(workspace)])];
  const before = await code.check(watched, LIMIT_MS, signal);
  return async () => {
    const after = await code.check(watched, LIMIT_MS, signal);
    const isUnknown = before.pending.some((path) => !after.pending.includes(path));
    const lines = await problemLines(newOnes(before, after), context, MOST);
    const head = isUnknown ? "Problems now (what there was before was not known in time):" : "New problems:";
    const late = after.pending.some((path) => paths.includes(path)) ? LATE : "";
    return (lines.length === 0 ? "" : `\n${[head, ...lines].join("\n")}`) + late;
  };
}

const LATE = "\n[Its language server has said nothing about it in time]";

/** What is there more often than before. Lines move, so they tell nothing. */
function newOnes(before: Checked, after: Checked): Problem[] {
  const known = new Map<string, number>();
  for (const problem of before.problems) known.set(keyOf(problem), (known.get(keyOf(problem)) ?? 0) + 1);
  return after.problems.filter((problem) => {
    const left = known.get(keyOf(problem)) ?? 0;
    known.set(keyOf(problem), left - 1);
    return left <= 0;
  });
}

function keyOf({ path, severity, source, code, message }: Problem): string {
  return JSON.stringify([path, severity, source, code, message]);
}
