import { useState } from "preact/hooks";
import type { Attachment } from "../../src/protocol/message.ts";
import { ApprovalCard } from "./approvalCard.tsx";
import { toImageSource } from "../parts/attachmentChip.tsx";
import { toDuration } from "../parts/format.ts";
import { Icon } from "../parts/icon.tsx";
import { OutputText } from "./outputText.tsx";
import { usePanel } from "../state/panelContext.ts";
import type { ToolRowCall } from "../state/rows.ts";
import { strings } from "../parts/strings.ts";
import { toChildKey, toInputText, toToolIcon, toToolLabel, toToolSummary } from "./toolSummary.ts";

/** One tool call on one line; opened, its input and output in full. */
export function ToolRow({ call }: { call: ToolRowCall }) {
  const { session } = usePanel();
  const [isShown, show] = useState(false);
  const { name, input, state, result, live, approval } = call;
  const summary = toToolSummary(name, input) || approval?.summary || "";
  const output = result?.text ?? live?.progress ?? "";
  const durationMs = result?.durationMs ?? live?.durationMs;
  const childKey = toChildKey(name, output);
  const label = `${toToolLabel(name)} ${summary}, ${strings.toolStates[state]}`;
  return (
    <article class={`tool ${state}`} aria-label={label}>
      <div class="tool-line">
        <button
          type="button"
          class="tool-toggle"
          aria-expanded={isShown}
          title={summary}
          onClick={() => show(!isShown)}
        >
          <span class="tool-icon">
            <Icon name={state === "running" ? "loading" : toToolIcon(name)} spin={state === "running"} />
          </span>
          <span class="tool-name">{toToolLabel(name)}</span>
          <span class="tool-summary">{summary}</span>
          <ToolMark state={state} durationMs={durationMs} />
        </button>
        {childKey && (
          <button type="button" class="link-button" onClick={() => void session.show(childKey)}>
            {strings.openSession}
          </button>
        )}
      </div>
      {approval && <ApprovalCard key={approval.id} approval={approval} />}
      {isShown && <ToolDetail call={call} output={output} />}
      <ToolImages images={result?.images ?? []} />
    </article>
  );
}

function ToolMark({ state, durationMs }: { state: ToolRowCall["state"]; durationMs?: number }) {
  return (
    <span class="tool-mark">
      {state === "failed" && <Icon name="error" />}
      {(state === "interrupted" || state === "denied" || state === "stopped") && <Icon name="circle-slash" />}
      {(state === "denied" || state === "stopped") && <span aria-hidden="true">{strings.toolStates[state]}</span>}
      {state === "waiting" && <Icon name="bell-dot" />}
      <span class="sr-only">{strings.toolStates[state]}</span>
      {durationMs !== undefined && durationMs >= 100 && <span class="tool-time">{toDuration(durationMs)}</span>}
    </span>
  );
}

function ToolDetail({ call, output }: { call: ToolRowCall; output: string }) {
  const inputText = call.input === undefined ? "" : toInputText(call.name, call.input);
  const isOver = call.state !== "running" && call.state !== "waiting" && call.state !== "interrupted";
  return (
    <div class="tool-detail">
      {inputText !== "" && inputText !== "{}" && <OutputText label={strings.toolInput} text={inputText} />}
      {output !== "" && <OutputText label={strings.toolOutput} text={output} isError={call.state === "failed"} />}
      {output === "" && isOver && <p class="tool-note">{strings.noOutput}</p>}
      {call.state === "interrupted" && <p class="tool-note">{strings.interruptedCall}</p>}
    </div>
  );
}

function ToolImages({ images }: { images: Attachment[] }) {
  const { session, gateway } = usePanel();
  const shown = images.flatMap((image) => {
    const source = toImageSource(image);
    return source ? [{ source, name: image.name, image }] : [];
  });
  if (shown.length === 0) return null;
  return (
    <div class="tool-images">
      {shown.map(({ source, name, image }, index) => (
        <button
          key={index}
          type="button"
          class="image-button"
          title={strings.openImage(name)}
          onClick={() => void session.attempt(() => gateway.call("editor.openImage", image))}
        >
          <img src={source} alt={name} />
        </button>
      ))}
    </div>
  );
}
