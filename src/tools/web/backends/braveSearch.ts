import { defined } from "../../../base/defined.ts";
import { fieldOf, type SearchBackend, textOf, toHits } from "./searchBackend.ts";

export const brave: SearchBackend = {
  id: "brave",
  title: "Brave Search",
  home: "https://api.search.brave.com",
  keyName: "BRAVE_API_KEY",
  request({ query, count, base, key }) {
    const asked = new URLSearchParams({ q: query, count: String(count), text_decorations: "false" });
    return {
      url: `${base}/res/v1/web/search?${asked}`,
      headers: { accept: "application/json", "x-subscription-token": key },
    };
  },
  read(body) {
    if (fieldOf(body, "type") !== "search") return undefined;
    // Without a page that fits there is no part of that name.
    const web = fieldOf(body, "web");
    const hits = web === undefined ? [] : toHits(fieldOf(web, "results"), "description");
    return hits && defined({ hits });
  },
  said: (body) => textOf(fieldOf(fieldOf(body, "error"), "detail")),
  // It says so of keys that it does not know.
  explain: { 422: "it does not take the key, or the query" },
};
