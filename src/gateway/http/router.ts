import { AppError } from "../../base/appError.ts";
import type { Endpoint } from "./endpoint.ts";

export interface Router {
  /** not_found for an unknown path, `MethodError` for a known one with another method. HEAD is GET. */
  find(method: string, path: string): Endpoint;
  /** What is at a path, whatever the method. */
  at(path: string): Endpoint | undefined;
  /** Whether the path may be asked for without a token. */
  isOpen(path: string): boolean;
}

/** Tells the methods that a path knows. */
export class MethodError extends AppError {
  readonly allow: string[];

  constructor(method: string, allow: string[]) {
    super("method_not_allowed", `${method.slice(0, 20)} is not allowed here; use ${allow.join(" or ")}`);
    this.allow = allow;
  }
}

export function createRouter(endpoints: Endpoint[]): Router {
  const byPath = new Map<string, Endpoint[]>();
  const below = new Map<string, Endpoint[]>();
  for (const endpoint of endpoints) {
    const map = endpoint.takesName ? below : byPath;
    map.set(endpoint.path, [...(map.get(endpoint.path) ?? []), endpoint]);
  }
  const here = (path: string): Endpoint[] | undefined => byPath.get(path) ?? below.get(baseOf(path, below));

  return {
    find(method, path) {
      const known = here(path);
      if (!known) throw new AppError("not_found", `There is nothing at ${path.slice(0, 200)}`);
      const verb = method === "HEAD" ? "GET" : method;
      const endpoint = known.find(({ verbs }) => (verbs as string[]).includes(verb));
      if (endpoint) return endpoint;
      const verbs: string[] = known.flatMap((other) => other.verbs);
      throw new MethodError(
        method,
        verbs.includes("GET") ? ["GET", "HEAD", ...verbs.filter((other) => other !== "GET")] : verbs,
      );
    },
    at: (path) => here(path)?.[0],
    isOpen: (path) => here(path)?.every((endpoint) => endpoint.scope === undefined) ?? false,
  };
}

/** The endpoint's path that a longer path is below of; empty for none. */
function baseOf(path: string, below: ReadonlyMap<string, unknown>): string {
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    if (end < path.length - 1 && below.has(path.slice(0, end))) return path.slice(0, end);
  }
  return "";
}
