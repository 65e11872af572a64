import type * as Driver from "playwright-core";
import { AppError } from "../../base/appError.ts";

let loaded: Promise<typeof Driver> | undefined;

/** playwright-core, loaded when a browser is first wanted: it takes a third of a second. */
export function loadDriver(): Promise<typeof Driver> {
  loaded ??= import("playwright-core").catch((error: unknown) => {
    loaded = undefined;
    throw new AppError(
      "unavailable",
      "The package playwright-core, which drives the browser, is missing from this installation. Install Pincer again",
      { cause: error },
    );
  });
  return loaded;
}
