import { AppError } from "../../base/appError.ts";

/** An opaque place in a list ordered by a time and a key. */
export function toCursor(time: string, key: string): string {
  return Buffer.from(JSON.stringify([time, key])).toString("base64url");
}

/** Throws `bad_request` for what `toCursor` never made. */
export function fromCursor(cursor: string): [time: string, key: string] {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    if (Array.isArray(place) && place.length === 2 && typeof place[0] === "string" && typeof place[1] === "string") {
      return [place[0], place[1]];
    }
  } catch {
    // Not JSON: told below, like any other wrong cursor.
  }
  throw new AppError("bad_request", `No page starts at cursor ${cursor}`);
}
