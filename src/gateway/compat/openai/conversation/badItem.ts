import { AppError } from "../../../../base/appError.ts";

/** Where the items stand in the request. */
export type ItemsPath = "messages" | "input";

/** `bad_request` for one thing of a request, by its path in it. */
export function badItem(path: string, message: string): AppError {
  return new AppError("bad_request", message, { details: [{ path, message }] });
}
