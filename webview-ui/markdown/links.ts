/** Where a link in a message may lead: out through the editor, into a file of the workspace, or nowhere. */
export type LinkTarget = { type: "web"; url: string } | { type: "file"; path: string; line?: number };

const SCHEME = /^[a-z][a-z0-9+.-]*:/i;
const WINDOWS_DRIVE = /^[a-z]:[\\/]/i;

/** undefined for what must not be followed: `command:`, `javascript:`, `data:`, host names without a scheme, anchors. */
export function toLinkTarget(href: string): LinkTarget | undefined {
  const trimmed = href.trim();
  if (/^(?:https?:\/\/|mailto:)/i.test(trimmed)) return { type: "web", url: trimmed };
  if (
    SCHEME.test(trimmed) &&
    !WINDOWS_DRIVE.test(trimmed) &&
    !/^file:\/\/\//i.test(trimmed) &&
    !isPathWithLine(trimmed)
  )
    return undefined;
  if (trimmed === "" || trimmed.startsWith("#")) return undefined;
  return toFileTarget(trimmed);
}

/** "main.ts:12" looks like a scheme, but what follows the colon is a line. */
function isPathWithLine(href: string): boolean {
  return /^[\w.-]+\.\w+:\d+(?::\d+)?$/.test(href);
}

function toFileTarget(href: string): LinkTarget | undefined {
  const [, location = "", fragmentLine, colonLine] = /^(.*?)(?:#L(\d+)(?:-L?\d+)?|:(\d+)(?::\d+)?)?$/i.exec(href) ?? [];
  const path = decode(location.replace(/^file:\/\//i, "").replace(/[?#].*$/, ""));
  // "//host" and "\\\\host" are shares of other machines: asking for one already tells it who asks.
  if (path === "" || path.includes("\0") || /^[\\/]{2}/.test(path)) return undefined;
  const line = Number(fragmentLine ?? colonLine);
  return line > 0 ? { type: "file", path, line } : { type: "file", path };
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
