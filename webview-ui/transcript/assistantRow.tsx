import type { ComponentChildren } from "preact";
import type { AssistantMessage } from "../../src/protocol/message.ts";
import type { Usage } from "../../src/protocol/usage.ts";
import { toCost, toCount } from "../parts/format.ts";
import { MarkdownView } from "../markdown/markdownView.tsx";
import { usePanel } from "../state/panelContext.ts";
import { strings } from "../parts/strings.ts";
import { ThinkingRow } from "./thinkingRow.tsx";

/** What the model says: the stored message, or without one the message being written. */
export function AssistantRow({ message, thinkingMs }: { message?: AssistantMessage; thinkingMs?: number }) {
  const { session } = usePanel();
  if (message) {
    const { text, thinking = "", ended, usage, model } = message;
    const spent = usage && <MessageUsage usage={usage} model={model} />;
    return <Answer text={text} thinking={thinking} thinkingMs={thinkingMs} ended={ended} spent={spent} />;
  }
  const reply = session.state.reply.open.value;
  return <Answer text={reply?.text ?? ""} thinking={reply?.thinking ?? ""} thinkingMs={reply?.thinkingMs} isOpen />;
}

interface AnswerProps {
  text: string;
  thinking: string;
  thinkingMs?: number;
  ended?: AssistantMessage["ended"];
  spent?: ComponentChildren;
  isOpen?: boolean;
}

function Answer({ text, thinking, thinkingMs, ended, spent, isOpen = false }: AnswerProps) {
  return (
    <article class={`assistant ${isOpen ? "open" : ""}`} aria-label={isOpen ? strings.stillWriting : strings.assistant}>
      {thinking && <ThinkingRow text={thinking} durationMs={thinkingMs} isOpen={isOpen && text === ""} />}
      {text && <MarkdownView text={text} isOpen={isOpen} />}
      {(ended === "length" || ended === "refused") && (
        <p class="ended">{ended === "length" ? strings.cutAtLimit : strings.refused}</p>
      )}
      {spent}
    </article>
  );
}

/** What this one answer took: shown when it is hovered. */
function MessageUsage({ usage, model }: { usage: Usage; model: string }) {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, costUsd } = usage;
  const cached = toCount(cacheReadTokens + cacheWriteTokens);
  const tokens = strings.messageUsage(toCount(inputTokens), toCount(outputTokens), cached);
  return (
    <div class="spent">
      {[tokens, toCost(costUsd), model.slice(model.indexOf("/") + 1)].filter(Boolean).join(" · ")}
    </div>
  );
}
