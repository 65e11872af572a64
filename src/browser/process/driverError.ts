import { AppError, isAppError } from "../../base/appError.ts";

/** What the driver throws, in words for whoever asked. A bug of our own stays what it is. */
export function fromDriverError(error: unknown, isUp: boolean): unknown {
  if (isAppError(error) || !(error instanceof Error)) return error;
  const message = plain(error.message);
  if (/has been closed|Target crashed|Browser closed/i.test(message)) {
    return isUp
      ? new AppError("conflict", "The tab was closed while this went on")
      : new AppError("unavailable", "The browser ended unexpectedly; the next call starts it again");
  }
  // Whatever the driver reports of a page is about what was asked of it: an element that is no field, a script's error.
  if (!/^(\w+\.)+\w+: /.test(message) && error.name !== "TimeoutError") return error;
  const said = message.replace(/^(\w+\.)+\w+: /, "");
  return new AppError("bad_request", said, { cause: error, outside: said });
}

function plain(message: string): string {
  // oxlint-disable-next-line no-control-regex
  const text = message.replace(/\u001b\[[0-9;]*m/g, "");
  return text
    .split(/\n\s*(?:Call log:|at )/)[0]!
    .trim()
    .slice(0, 1500);
}
