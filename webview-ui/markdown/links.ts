/** Where a link in a message may lead: out through the editor, into a file of the workspace, or nowhere. */
export type LinkTarget = { type: "web"; url: string } | { type: "file"; path: string; line?: number };

const SCHEME = /^[a-z][a-z0-9+.-]*:/i;
const WINDOWS_DRIVE = /^[a-z]:[\\/]/i;

/** undefined for what must not be followed: `command:`, `javascript:`, `data:`, host names without a scheme, anchors. */
export function toLinkTarget(href: string): LinkTarget | undefined {
  const trimmed = href.trim();
  if (/^(?:https?:\/\/|mailto:)/i.test(trimmed)) return { type: "web", url: trimmed };
  const [, location = "", fragmentLine, colonLine] = LOCATION.exec(trimmed) ?? [];
  const path = toPath(location.replace(/[?#].*$/, ""));
  // "//host" and "\\\\host" are shares of other machines: asking for one already tells it who asks.
  if (path === undefined || path === "" || path.includes("\0") || /^[\\/]{2}/.test(path)) return undefined;
  const line = Number(fragmentLine ?? colonLine);
  return line > 0 ? { type: "file", path, line } : { type: "file", path };
}

/** Of "main.ts:12", "main.ts:12:3", "main.ts:12-24" and "main.ts#L12-L24" the file and the first line; "main.ts:" is no scheme there. */
const LOCATION = /^(.*?)(?:#L(\d+)(?:-L?\d+)?|:(\d+)(?::\d+)?(?:-\d+(?::\d+)?)?)?$/i;

/** Of "localhost:3000" and "tel:112" the number is no line. */
const MACHINE = /^(?:localhost|\d+\.\d+\.\d+\.\d+|tel|sms)$/i;

/** undefined where it is no path. */
function toPath(location: string): string | undefined {
  const path = decode(location);
  // Of "file:///C:/work" it is "C:/work".
  if (/^file:\/\/\//i.test(location)) return path.slice("file://".length).replace(/^\/(?=[a-z]:[\\/])/i, "");
  return (SCHEME.test(location) && !WINDOWS_DRIVE.test(path)) || MACHINE.test(location) ? undefined : path;
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
