import { useState } from "preact/hooks";
import { Icon } from "../parts/icon.tsx";
import { strings } from "../parts/strings.ts";
import { usePanel } from "../state/panelContext.ts";
import { toCommand } from "./slashCommands.ts";
import { hintOf } from "../state/promptList.ts";

/** What the command or prompt named in the composer takes, and on demand what would be sent. */
export function PromptPreview() {
  const { prompts, draft } = usePanel();
  const chosen = prompts.chosen.value;
  const text = draft.text.value;
  const [shown, show] = useState<{ of: string; text: string } | undefined>();
  if (!chosen) {
    const given = toCommand({ message: text });
    if (!given) return null;
    const { hint, about } = given.command;
    return (
      <div class="prompt-preview">
        <span class="prompt-about">{[hint, about].filter(Boolean).join(" · ")}</span>
      </div>
    );
  }
  const { prompt } = chosen;
  const isShown = shown?.of === text;
  const toggle = async () => {
    if (isShown) return show(undefined);
    try {
      show({ of: text, text: (await prompts.expand(text))?.text ?? "" });
    } catch (error) {
      show({ of: text, text: (error as Error).message });
    }
  };
  return (
    <div class="prompt-preview">
      <button type="button" class="quiet-toggle" aria-expanded={isShown} onClick={() => void toggle()}>
        <Icon name={isShown ? "chevron-down" : "eye"} />
        {strings.whatIsSent}
      </button>
      <span class="prompt-about">{[hintOf(prompt), prompt.description].filter(Boolean).join(" · ")}</span>
      {isShown && <div class="thinking-text">{shown.text}</div>}
    </div>
  );
}
