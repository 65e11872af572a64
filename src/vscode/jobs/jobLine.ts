/** The line, from 0, where a job's name stands in the text of openclaw.yml. */
export function findJobLine(text: string, name: string): number | undefined {
  const lines = text.split("\n");
  const wanted = lines.findIndex((line) => nameOf(line) === name);
  return wanted < 0 ? undefined : wanted;
}

/** Of `- name: Morning report # daily`, `name: "Morning report"` and `- { name: Morning report, ... }`. */
function nameOf(line: string): string | undefined {
  const found = /^\s*(?:-\s*)?\{?\s*name:\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)'|(.*?))\s*(?:,.*|\}\s*|#.*)?$/.exec(
    line,
  );
  if (!found) return undefined;
  const [, double, single, plain] = found;
  return double?.replace(/\\(.)/g, "$1") ?? single?.replaceAll("''", "'") ?? plain;
}
