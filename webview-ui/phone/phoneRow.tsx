import { useState } from "preact/hooks";
import { visible } from "../../src/base/text/visible.ts";
import { toTime } from "../parts/format.ts";
import { strings } from "../parts/strings.ts";
import { MarkdownView } from "../markdown/markdownView.tsx";
import type { Row, ToolRowCall } from "../state/rows.ts";
import type { TranscriptState } from "../state/transcriptState.ts";
import { OutputText } from "../transcript/outputText.tsx";
import { toInputText, toToolSummary, toToolWords } from "../transcript/toolSummary.ts";

/** One row of a session, as narrow as a phone. */
export function PhoneRow({ row, reply }: { row: Row; reply: TranscriptState["reply"] }) {
  switch (row.type) {
    case "user": {
      const { text, origin, createdAt } = row.message;
      return (
        <Said
          text={text}
          who={strings.origins[origin.via]}
          label={strings.messageFrom(strings.origins[origin.via], toTime(createdAt))}
        />
      );
    }
    case "pending":
      return <Said text={row.text} who={strings.queued} label={strings.queued} />;
    case "assistant":
      return <Answer text={row.message.text} />;
    case "reply":
      return <Answer text={reply.open.value?.text ?? ""} isOpen />;
    case "tool":
      return <ToolLine call={row.call} />;
    case "system":
      return <p class="remark">{visible(row.message.kind === "event" ? row.message.text : strings.summary)}</p>;
    case "notice":
      return <p class="remark">{visible(row.text)}</p>;
    case "outcome":
      return <p class={`remark ${row.outcome.type}`}>{outcomeWords(row)}</p>;
    case "working":
      return <p class="remark">{strings.working}</p>;
  }
}

function Said({ text, who, label }: { text: string; who: string; label: string }) {
  return (
    <article class="said" aria-label={label}>
      <p class="who">{who}</p>
      <div class="text">{visible(text)}</div>
    </article>
  );
}

function Answer({ text, isOpen = false }: { text: string; isOpen?: boolean }) {
  return (
    <article class="answer" aria-label={strings.assistant}>
      {text === "" ? <p class="remark">{strings.working}</p> : <MarkdownView text={text} isOpen={isOpen} />}
    </article>
  );
}

/** A call on one line; opened, what went in and what came out. */
function ToolLine({ call }: { call: ToolRowCall }) {
  const [isShown, show] = useState(false);
  const { name, input, state, result, live, approval } = call;
  const summary = toToolSummary(name, input) || approval?.summary || "";
  const output = result?.text ?? live?.progress ?? "";
  const given = input === undefined ? "" : toInputText(name, input);
  return (
    <article
      class={`call ${state}`}
      aria-label={`${toToolWords(name, state)} ${summary}, ${strings.toolStates[state]}`}
    >
      <button type="button" class="call-line" aria-expanded={isShown} onClick={() => show(!isShown)}>
        <span class="call-name">{toToolWords(name, state)}</span> <span class="call-summary">{summary}</span>{" "}
        <span class="call-state">{strings.toolStates[state]}</span>
      </button>
      {isShown && (
        <div class="call-detail">
          {given !== "" && given !== "{}" && <OutputText label={strings.toolInput} text={given} />}
          {output !== "" && <OutputText label={strings.toolOutput} text={output} isError={state === "failed"} />}
          {output === "" && <p class="quiet">{strings.noOutput}</p>}
        </div>
      )}
    </article>
  );
}

function outcomeWords({ outcome }: Extract<Row, { type: "outcome" }>): string {
  switch (outcome.type) {
    case "cancelled":
      return strings.stopped;
    case "timed_out":
      return strings.timedOut;
    case "interrupted":
      return strings.interrupted;
    case "failed":
      return `${strings.failed} ${visible(outcome.error.message)}`;
  }
}
