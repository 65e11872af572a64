import { useState } from "preact/hooks";
import { toDuration } from "../parts/format.ts";
import { Icon } from "../parts/icon.tsx";
import { strings } from "../parts/strings.ts";

/** The model's thinking: one quiet line until it is opened. */
export function ThinkingRow({ text, durationMs, isOpen }: { text: string; durationMs?: number; isOpen: boolean }) {
  const [isShown, show] = useState(false);
  const label = isOpen
    ? strings.thinking
    : durationMs === undefined
      ? strings.thought
      : strings.thoughtFor(toDuration(durationMs));
  return (
    <div class="thinking">
      <button type="button" class="quiet-toggle" aria-expanded={isShown} onClick={() => show(!isShown)}>
        <Icon name={isShown ? "chevron-down" : "chevron-right"} />
        <span class={isOpen ? "shimmer" : ""}>{label}</span>
      </button>
      {isShown && <div class="thinking-text">{text}</div>}
    </div>
  );
}
