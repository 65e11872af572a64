import { AppError } from "../../base/appError.ts";
import { nameInHeader, plainName } from "./diffName.ts";
import type { FileChange } from "./fileChange.ts";

export interface GitHeader {
  /** An empty file that comes or goes: it has no hunk. */
  bare?: FileChange | undefined;
  /** The mode that the file is to have, where that is not any file's. */
  mode?: string | undefined;
}

/** Reads what git says of a file above its hunks, from its "diff --git " line on. Refuses what would not become what it says. */
export function readGitHeader(lines: string[], at: number): GitHeader {
  const next = lines.findIndex((line, index) => index > at && /^(diff --git |--- |@@)/.test(line));
  const header = lines.slice(at + 1, next < 0 ? lines.length : next);
  const told = (start: string) =>
    header
      .find((line) => line.startsWith(start))
      ?.slice(start.length)
      .trim();
  const path = nameInHeader(lines[at]!);
  const name = path ?? lines[at]!.slice("diff --git ".length).trim();
  const copied = told("copy from ");
  if (copied !== undefined)
    throw new AppError(
      "bad_request",
      `The patch copies ${plainName(copied)} to ${plainName(told("copy to ") ?? "")}; give the copy as a new file with all its lines`,
    );
  const [added, deleted] = [told("new file mode "), told("deleted file mode ")];
  if (/^1[26]0000$/.test(added ?? deleted ?? ""))
    throw new AppError("bad_request", `${name} is a link or a repository, which a patch does not make or delete here`);
  const mode = [added, told("new mode ")].find((one) => one !== undefined && one !== "100644");
  const isFollowed = hasHunks(lines, at) || lines[next]?.startsWith("@@");
  if (isFollowed || header.some((line) => /^(rename to |GIT binary patch|Binary files )/.test(line))) return { mode };
  if (path !== undefined && added !== undefined) return { bare: { type: "add", path, text: "" }, mode };
  if (path !== undefined && deleted !== undefined) return { bare: { type: "delete", path, hunks: [] } };
  const only = told("new mode ");
  throw new AppError(
    "bad_request",
    `The patch has no lines for ${name}${only === undefined ? "" : `, only the mode ${only}, which it does not set here`}`,
  );
}

/** Whether hunks follow a line before the next file of git does. */
export function hasHunks(lines: string[], from: number): boolean {
  const next = lines.findIndex((line, index) => index > from && /^(--- |diff --git )/.test(line));
  return next >= 0 && lines[next]!.startsWith("--- ");
}
