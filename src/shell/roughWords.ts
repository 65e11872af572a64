import type { Dialect } from "./shellLine.ts";

/**
 * The words of a command without their quotes, cut at all that may end one. Coarse on purpose: it holds for what is not
 * understood too, and never finds less than a parsed look would.
 */
export function roughWords(command: string, dialect: Dialect): string[] {
  const plain = dialect === "posix" ? command.replaceAll("\\", "") : command.replaceAll("\\", "/").replace(/[`^]/g, "");
  return plain
    .replace(/["']/g, "")
    .split(/[\s;&|<>()`$={},:]+/)
    .filter((word) => word !== "");
}
