import { useComputed } from "@preact/signals";
import type { AssistantMessage } from "../src/protocol/message.ts";
import { MarkdownView } from "./markdownView.tsx";
import { usePanel } from "./panelContext.ts";
import { strings } from "./strings.ts";
import { ThinkingRow } from "./thinkingRow.tsx";

export function AssistantRow({ message, thinkingMs }: { message: AssistantMessage; thinkingMs?: number }) {
  return <Answer text={message.text} thinking={message.thinking ?? ""} thinkingMs={thinkingMs} ended={message.ended} />;
}

/** The message being written. The stored one takes its place in the same row. */
export function ReplyRow() {
  const { session } = usePanel();
  const reply = useComputed(() => session.state.reply.open.value).value;
  return <Answer text={reply?.text ?? ""} thinking={reply?.thinking ?? ""} thinkingMs={reply?.thinkingMs} isOpen />;
}

interface AnswerProps {
  text: string;
  thinking: string;
  thinkingMs?: number;
  ended?: AssistantMessage["ended"];
  isOpen?: boolean;
}

function Answer({ text, thinking, thinkingMs, ended, isOpen = false }: AnswerProps) {
  return (
    <article class={`assistant ${isOpen ? "open" : ""}`} aria-label={isOpen ? strings.stillWriting : strings.assistant}>
      {thinking && <ThinkingRow text={thinking} durationMs={thinkingMs} isOpen={isOpen && text === ""} />}
      {text && <MarkdownView text={text} isOpen={isOpen} />}
      {(ended === "length" || ended === "refused") && (
        <p class="ended">{ended === "length" ? strings.cutAtLimit : strings.refused}</p>
      )}
    </article>
  );
}
