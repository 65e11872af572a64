import { readdir } from "node:fs/promises";

/**
 * What Pincer puts into a state folder: of the store also its journals, copies and damaged ones that were set aside. Not
 * `worktrees`: sub-agents' work lies there that nobody may have taken over yet.
 */
export const STATE_ENTRIES = [
  ..."AGENTS.md CLAUDE.md agents audit bin browser checkpoints compiled confirmed.json gateway.json logs mcp memory".split(
    " ",
  ),
  ..."openclaw.yaml openclaw.yml outbox outputs pincer.db prompts push-keys secrets.json service.env service.json skills tls".split(
    " ",
  ),
  ..."token token.given unsettled webhook-secret".split(" "),
];

/** The names of what in a folder is Pincer's own, and not of whoever else keeps something there. */
export async function stateEntries(stateDir: string): Promise<string[]> {
  const names = await readdir(stateDir).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.filter((name) => STATE_ENTRIES.includes(name) || name.startsWith("pincer.db"));
}
