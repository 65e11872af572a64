import { fieldOf, type SearchBackend, textOf, toHits } from "./searchBackend.ts";

export const tavily: SearchBackend = {
  id: "tavily",
  title: "Tavily",
  home: "https://api.tavily.com",
  keyName: "TAVILY_API_KEY",
  request({ query, count, base, key }) {
    return {
      url: `${base}/search`,
      method: "POST",
      headers: { accept: "application/json", "content-type": "application/json", authorization: `Bearer ${key}` },
      body: JSON.stringify({ query, max_results: count, search_depth: "basic" }),
    };
  },
  read(body) {
    const hits = toHits(fieldOf(body, "results"), "content");
    return hits && { hits };
  },
  said: (body) => textOf(fieldOf(fieldOf(body, "detail"), "error")) ?? textOf(fieldOf(body, "detail")),
  explain: { 432: "the plan of this key is used up", 433: "the limit that was set for paying as you go is reached" },
};
