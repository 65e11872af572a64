import { AppError } from "../../base/appError.ts";

export interface Target {
  path: string;
  /** As sent, without the question mark. */
  query: string;
  /** Of a target in absolute form, which names the host once more. */
  authority?: string;
}

/** Takes a request target apart: "/path?query", or the same with "http://host:port" before it. */
export function parseTarget(target: string): Target {
  // Node hands bytes above 127 through as Latin-1.
  if (!/^[\x21-\x7e]*$/.test(target))
    throw new AppError("bad_request", "The request target holds characters that must be percent-encoded");
  const absolute = /^https?:\/\/([^/?#]*)(.*)$/i.exec(target);
  const local = absolute ? absolute[2]! : target;
  const mark = local.indexOf("?");
  const path = mark < 0 ? local : local.slice(0, mark);
  if (decode(path) === undefined)
    throw new AppError("bad_request", "The path holds a percent sign that encodes nothing");
  return {
    path: path === "" ? "/" : path,
    query: mark < 0 ? "" : local.slice(mark + 1),
    ...(absolute ? { authority: absolute[1]! } : {}),
  };
}

/** Names and values of a query, in order; `bad_request` for an escape that is no UTF-8. */
export function parseQuery(query: string): [string, string][] {
  return query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const [name, ...rest] = pair.split("=");
      return [part(name!), part(rest.join("="))];
    });
}

function part(text: string): string {
  const decoded = decode(text.replaceAll("+", " "));
  if (decoded === undefined)
    throw new AppError("bad_request", "The query holds a percent sign that encodes nothing in UTF-8");
  return decoded;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
