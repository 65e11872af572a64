import { cutText } from "../../base/cutText.ts";
import { visible } from "../../base/text/visible.ts";

const LONGEST = 10_000;

/**
 * The text that a link puts into the composer, hidden characters shown, since anybody may have written it; undefined for a link that is
 * none to the chat. Whatever else a link says is not heard.
 */
export function readChatLink({ path, query }: { path: string; query: string }): string | undefined {
  if (path !== "/chat") return undefined;
  return visible(cutText(new URLSearchParams(query).get("text") ?? "", LONGEST));
}
