import { strings } from "../parts/strings.ts";
import type { Panel } from "../state/panelContext.ts";
import { hintOf } from "../state/promptList.ts";
import { slashCommands } from "./slashCommands.ts";
import type { Suggestion, SuggestionSource } from "./suggestion.ts";

/** Commands and prompts by name, offered after a slash at the very beginning. */
export function namedPrompts({ prompts }: Panel): SuggestionSource {
  return {
    label: strings.prompts,
    match(before) {
      const query = /^\/([\w-]*)$/.exec(before)?.[1];
      return query === undefined ? undefined : { start: 0, query };
    },
    async find(query) {
      const found = await prompts.find(query);
      const commands = slashCommands.filter(
        ({ name }) => name.startsWith(query.toLowerCase()) && found.every((prompt) => prompt.name !== name),
      );
      const all = [
        ...commands.map(({ name, icon, hint, about }) => toSuggestion(name, icon, [hint, about])),
        ...found.map((prompt) => {
          const icon = prompt.kind === "skill" ? "book" : "comment";
          return toSuggestion(prompt.name, icon, [hintOf(prompt), prompt.description]);
        }),
      ];
      // Typed whole it is there already, and Enter sends it.
      return all.length === 1 && all[0]!.id === query ? [] : all;
    },
    take: ({ id }) => `/${id} `,
  };
}

function toSuggestion(name: string, icon: string, about: string[]): Suggestion {
  const detail = about.filter((words) => words !== "").join(" · ");
  return { id: name, icon, label: `/${name}`, ...(detail === "" ? {} : { detail }) };
}
