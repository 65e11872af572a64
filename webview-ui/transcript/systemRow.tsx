import { useState } from "preact/hooks";
import type { SystemMessage } from "../../src/protocol/message.ts";
import { Icon } from "../parts/icon.tsx";
import { strings } from "../parts/strings.ts";
import { resultTitle } from "../state/rows.ts";
import { EndPlan } from "./endPlan.tsx";

/** A note the gateway put into the history: an event, or a summary of what came before. */
export function SystemRow({ message }: { message: SystemMessage }) {
  const { kind, text, place, origin } = message;
  const [isShown, show] = useState(false);
  if (kind === "event" && origin?.via === "subagent") {
    // The first sentence says whose result it is, and how it ended.
    const [, ...rest] = text.split("\n\n");
    return (
      <article class="system summary" aria-label={strings.subagentResult}>
        <button type="button" class="quiet-toggle" aria-expanded={isShown} onClick={() => show(!isShown)}>
          <Icon name={isShown ? "chevron-down" : "type-hierarchy-sub"} />
          {resultTitle(text)}
        </button>
        {isShown && <div class="thinking-text">{rest.join("\n\n")}</div>}
      </article>
    );
  }
  if (kind === "event") {
    return (
      <article class="system" aria-label={strings.systemEvent}>
        <Icon name="zap" />
        <span class="system-text">{origin?.rehearsal ? `${strings.rehearsal}: ${text}` : text}</span>
      </article>
    );
  }
  const title =
    kind === "summary"
      ? strings.summary
      : kind === "skill"
        ? strings.skillOf(place ?? "")
        : kind === "plan"
          ? place === "ended"
            ? strings.planEnded
            : strings.planKept
          : strings.instructionsOf(place ?? "");
  return (
    <article class="system summary" aria-label={title}>
      <button type="button" class="quiet-toggle" aria-expanded={isShown} onClick={() => show(!isShown)}>
        <Icon
          name={
            isShown
              ? "chevron-down"
              : kind === "summary"
                ? "fold"
                : kind === "skill" || kind === "plan"
                  ? "lightbulb"
                  : "book"
          }
        />
        {title}
      </button>
      {isShown && <div class="thinking-text">{text}</div>}
      <EndPlan of={message} />
    </article>
  );
}

export function NoticeRow({ text }: { text: string }) {
  return (
    <div class="system" role="note">
      <Icon name="info" />
      <span class="system-text">{text}</span>
    </div>
  );
}

export function WorkingRow() {
  return (
    <div class="working" role="note" aria-label={strings.working}>
      <span class="dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
    </div>
  );
}
