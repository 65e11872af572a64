import { strings } from "../parts/strings.ts";
import type { Panel } from "../state/panelContext.ts";
import { hintOf } from "../state/promptList.ts";
import type { Suggestion, SuggestionSource } from "./suggestion.ts";

/** Prompts by name, offered after a slash at the very beginning. */
export function namedPrompts({ prompts }: Panel): SuggestionSource {
  return {
    label: strings.prompts,
    match(before) {
      const query = /^\/([\w-]*)$/.exec(before)?.[1];
      return query === undefined ? undefined : { start: 0, query };
    },
    async find(query) {
      const found = await prompts.find(query);
      // Typed whole it is there already, and Enter sends it.
      if (found.length === 1 && found[0]!.name === query) return [];
      return found.map((prompt): Suggestion => {
        const about = [hintOf(prompt), prompt.description].filter(Boolean).join(" · ");
        const icon = prompt.kind === "skill" ? "lightbulb" : "comment";
        return { id: prompt.name, icon, label: `/${prompt.name}`, ...(about === "" ? {} : { detail: about }) };
      });
    },
    take: ({ id }) => `/${id} `,
  };
}
