import type { Fields } from "./answerFields.ts";

// The SDK gives up all of a list that goes on behind this many.
const MOST_PAGES = 64;
const MOST_CURSORS = 1000;

export interface PageLimit {
  /** Which page of a list is asked for with these parameters: 1 for the first, and for what is no list. */
  pageOf(method: string, params: unknown): number;
  /** An answer that leads to a page, so long as that is one of the first. `onMore` is told of the last page that is used whether there are more. */
  limited(method: string, page: number, result: Fields): Fields;
}

/** Ends lists that have too many pages, or no end, so that what was listed is there. */
export function createPageLimit(onMore: (method: string, isMore: boolean) => void): PageLimit {
  const pages = new Map<string, number>();
  return {
    pageOf(method, params) {
      const cursor = (params as { cursor?: unknown } | undefined)?.cursor;
      return typeof cursor === "string" ? (pages.get(`${method} ${cursor}`) ?? 1) : 1;
    },
    limited(method, page, result) {
      if (!method.endsWith("/list")) return result;
      const { nextCursor, ...rest } = result;
      if (typeof nextCursor !== "string") {
        onMore(method, false);
        return rest;
      }
      if (page >= MOST_PAGES) {
        onMore(method, true);
        return rest;
      }
      if (pages.size >= MOST_CURSORS) pages.clear();
      pages.set(`${method} ${nextCursor}`, page + 1);
      return result;
    },
  };
}
