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
  for (const endpoint of endpoints) byPath.set(endpoint.path, [...(byPath.get(endpoint.path) ?? []), endpoint]);

  return {
    find(method, path) {
      const here = byPath.get(path);
      if (!here) throw new AppError("not_found", `There is nothing at ${path.slice(0, 200)}`);
      const verb = method === "HEAD" ? "GET" : method;
      const endpoint = here.find(({ verbs }) => (verbs as string[]).includes(verb));
      if (endpoint) return endpoint;
      const verbs: string[] = here.flatMap((known) => known.verbs);
      throw new MethodError(
        method,
        verbs.includes("GET") ? ["GET", "HEAD", ...verbs.filter((known) => known !== "GET")] : verbs,
      );
    },
    at: (path) => byPath.get(path)?.[0],
    isOpen: (path) => byPath.get(path)?.every((endpoint) => endpoint.scope === undefined) ?? false,
  };
}
