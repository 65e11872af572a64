import type { ContextRef } from "../../src/protocol/panel/contextRef.ts";
import type { Panel } from "../state/panelContext.ts";
import { strings } from "../parts/strings.ts";
import { type Suggestion, type SuggestionSource, wordAfter } from "./suggestion.ts";

interface Mention extends Suggestion {
  ref: ContextRef;
}

/** What a message can carry, offered after @ or #: a choice becomes a chip. */
export function mentions({ gateway, session, draft }: Panel): SuggestionSource<Mention> {
  return {
    label: strings.mentions,
    match: (before) => wordAfter("@#", before),
    async find(query) {
      const sessionKey = session.key.value;
      const { found } = await gateway.call("editor.findContext", { query, sessionKey });
      return found.map(({ ref, label, detail }, index) => ({
        id: `${index} ${ref.label}`,
        icon: ref.icon,
        label,
        ref,
        ...(detail === undefined ? {} : { detail }),
      }));
    },
    take({ ref }) {
      draft.mention([ref]);
      return "";
    },
  };
}
