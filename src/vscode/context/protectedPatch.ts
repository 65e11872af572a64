import { protectedReason } from "../../rules/protectedPath.ts";

/** A patch of git without the files that may hold secrets, by any name that it gives them, and which those were. */
export function withoutProtected(patch: string): { text: string; left: string[] } {
  const left: string[] = [];
  const parts = patch.split(/^(?=diff --git )/m);
  const kept = parts.filter((part) => {
    const secret = pathsOf(part).find((path) => protectedReason(path, "read") !== undefined);
    if (secret !== undefined) left.push(secret);
    return secret === undefined;
  });
  return { text: kept.join("").trimEnd(), left };
}

/** The names that the head of one file's part says; git quotes those with letters beyond ASCII. */
function pathsOf(part: string): string[] {
  const head = part.split(/^@@ /m, 1)[0]!;
  const named = [...head.matchAll(/^(?:---|\+\+\+|rename (?:from|to)|copy (?:from|to)) (.+)$/gm)].map(
    ([, name]) => name!,
  );
  const [, both = ""] = /^diff --git (.+)$/m.exec(head) ?? [];
  // A file without lines of its own has no other line with its name.
  const halves = both.startsWith('"')
    ? both.split(/(?<=") (?=")/)
    : [both.slice(0, both.length / 2), both.slice(both.length / 2 + 1)];
  return [...named, ...halves].map((name) =>
    name
      .replace(/\t$/, "")
      .replace(/^"(.*)"$/, "$1")
      .replace(/^[a-z]\//, ""),
  );
}
