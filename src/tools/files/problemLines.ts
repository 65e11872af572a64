import { visibleLine } from "../../base/text/visible.ts";
import type { Problem } from "../../core/ports/codeKnowledge.ts";
import type { ToolContext } from "../../core/ports/tool.ts";
import { closedReason } from "./closedReason.ts";
import { leadsWithin } from "./leadsWithin.ts";
import { shownName } from "./shownName.ts";

const MAX_MESSAGE = 400;

/**
 * "src/a.ts:3:5: error ts 2322: Type ..." for each problem of a file in the workspace, errors first, and one that says how
 * many more there are. Of files that are not to be read nothing is told.
 */
export async function problemLines(
  problems: Problem[],
  context: Pick<ToolContext, "workspace" | "commands">,
  most: number,
): Promise<string[]> {
  const shown = new Map<string, string | undefined>();
  for (const path of new Set(problems.map((problem) => problem.path))) {
    const isClosed = (await closedReason(context, path)) !== undefined;
    shown.set(path, isClosed ? undefined : leadsWithin(context.workspace, path));
  }
  const told = problems.filter(({ path }) => shown.get(path) !== undefined);
  const sorted = [...told.filter(isError), ...told.filter((problem) => !isError(problem))];
  const lines = sorted.slice(0, most).map(({ path, line, column, severity, source, code, message }) => {
    const by = [source, code].filter((part) => part !== undefined).join(" ");
    const place = `${shownName(shown.get(path)!)}:${line}:${column}`;
    return `${place}: ${severity}${by === "" ? "" : ` ${visibleLine(by, 60)}`}: ${visibleLine(message, MAX_MESSAGE)}`;
  });
  return sorted.length > most ? [...lines, `[${sorted.length - most} more]`] : lines;
}

const isError = ({ severity }: Problem): boolean => severity === "error";
