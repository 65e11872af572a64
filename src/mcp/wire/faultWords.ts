import { AppError } from "../../base/appError.ts";
import { visibleLine } from "../../base/text/visible.ts";

/** A fault of the SDK in a sentence. What it says of a shape is a list of issues as JSON: the first is told, with its place. */
export function faultWords(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [, what, issues] = /^([^[]*?)[: ]*(\[[^]*\])$/.exec(message) ?? [];
  const first = issues === undefined ? undefined : firstIssue(issues);
  return visibleLine(first === undefined ? message : `${what === "" ? "Invalid message" : what}: ${first}`, 500);
}

/** An error of ours that ends with such words, which may be the server's. */
export function serverFault(
  ours: string,
  words: string,
  { after = "", cause }: { after?: string; cause?: unknown } = {},
) {
  return new AppError("unavailable", `${ours}: ${words}${after}`, { outside: words, cause });
}

function firstIssue(issues: string): string | undefined {
  try {
    const [issue] = JSON.parse(issues) as { path?: unknown[]; message?: string }[];
    const place = (issue?.path ?? []).join(".");
    return issue?.message === undefined ? undefined : `${place === "" ? "" : `${place}: `}${issue.message}`;
  } catch {
    return undefined;
  }
}
