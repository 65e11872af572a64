/** How a server of mcp.servers may be called. Two underscores in a row part it from a tool's name. */
export const SERVER_NAME = /^(?!.*__)(?!.*_$)[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;

/** The place that a call of a server's tool is about, for rules. */
export function mcpPlace(server: string, tool: string): string {
  return `${server}/${tool}`;
}

/** Whether "github/list_issues" is of that server, and its tool is "list_issues" or "list_*". */
export function fitsTool(place: string, server: string | undefined, tool = "*"): boolean {
  const at = place.indexOf("/");
  if (server !== undefined && server !== place.slice(0, at)) return false;
  return fitsStars(tool, place.slice(at + 1));
}

/** Whether a name fits a pattern in which `*` is any characters. Part by part, so that no pattern takes long. */
export function fitsStars(pattern: string, name: string): boolean {
  const [first = "", ...parts] = pattern.split("*");
  const last = parts.pop();
  if (last === undefined) return pattern === name;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of parts) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= name.length - last.length;
}
