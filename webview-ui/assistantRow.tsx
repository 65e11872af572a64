import type { AssistantMessage } from "../src/protocol/message.ts";
import { MarkdownView } from "./markdownView.tsx";
import { usePanel } from "./panelContext.ts";
import { strings } from "./strings.ts";
import { ThinkingRow } from "./thinkingRow.tsx";

/** What the model says: the stored message, or without one the message being written. */
export function AssistantRow({ message, thinkingMs }: { message?: AssistantMessage; thinkingMs?: number }) {
  const { session } = usePanel();
  if (message) {
    const { text, thinking = "", ended } = message;
    return <Answer text={text} thinking={thinking} thinkingMs={thinkingMs} ended={ended} />;
  }
  const reply = session.state.reply.open.value;
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
