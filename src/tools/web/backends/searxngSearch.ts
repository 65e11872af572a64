import { fieldOf, type SearchBackend, toHits } from "./searchBackend.ts";

export const searxng: SearchBackend = {
  id: "searxng",
  title: "SearXNG",
  request({ query, base }) {
    const asked = new URLSearchParams({ q: query, format: "json" });
    return { url: `${base}/search?${asked}`, headers: { accept: "application/json" } };
  },
  read(body) {
    const hits = toHits(fieldOf(body, "results"), "content");
    if (!hits) return undefined;
    const silent = silentEngines(fieldOf(body, "unresponsive_engines"));
    return { hits, ...(silent.length > 0 && { lacks: `of its engines ${silent.join(", ")} did not answer` }) };
  },
  said: () => undefined,
  explain: {
    403: "it gives no JSON: `search.formats` in its settings.yml must have json",
    429: "its limiter lets few requests for JSON through (`server.limiter` in its settings.yml)",
  },
};

/** [["google", "timeout"], ...] -> "google (timeout)". */
function silentEngines(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list
    .filter((pair): pair is unknown[] => Array.isArray(pair) && typeof pair[0] === "string")
    .map(([name, why]) => (typeof why === "string" && why !== "" ? `${name as string} (${why})` : (name as string)));
}
