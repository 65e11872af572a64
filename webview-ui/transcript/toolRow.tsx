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
import { PlanSteps } from "./planBar.tsx";
import { SubagentCard } from "./subagentCard.tsx";
import { toSteps } from "../parts/planStep.ts";
import {
  isSpoken,
  toChildKey,
  toExitCode,
  toInputText,
  toToolIcon,
  toToolSummary,
  toToolWords,
} from "./toolSummary.ts";

/** One tool call on one line; opened, its input and output in full. */
export function ToolRow({ call }: { call: ToolRowCall }) {
  const { session } = usePanel();
  const [isShown, show] = useState(false);
  const { name, input, state, result, live, approval } = call;
  const summary = toToolSummary(name, input) || approval?.summary || "";
  const output = result?.text ?? live?.progress ?? "";
  const durationMs = result?.durationMs ?? live?.durationMs;
  const childKey = toChildKey(name, output);
  const words = toToolWords(name, state);
  const exitCode = toExitCode(name, output);
  const end = state === "failed" && exitCode !== undefined ? strings.exitCode(exitCode) : strings.toolStates[state];
  const label = `${words} ${summary}, ${end}`;
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
          <span class="tool-name">{words}</span>
          <span class={`tool-summary${isSpoken(name, summary) ? " spoken" : ""}`}>{summary}</span>
          <ToolMark state={state} durationMs={durationMs} exitCode={exitCode} />
        </button>
        {state === "running" && (
          <button type="button" class="link-button" onClick={() => void session.stop()}>
            {strings.stopTool}
          </button>
        )}
      </div>
      {childKey && <SubagentCard sessionKey={childKey} />}
      {approval && <ApprovalCard key={approval.id} approval={approval} />}
      {isShown && <ToolDetail call={call} output={output} />}
      <ToolImages images={result?.images ?? []} />
    </article>
  );
}

function ToolMark(props: { state: ToolRowCall["state"]; durationMs?: number; exitCode?: number }) {
  const { state, durationMs, exitCode } = props;
  return (
    <span class="tool-mark">
      {state === "failed" && <Icon name="error" />}
      {state === "failed" && exitCode !== undefined && <span aria-hidden="true">{strings.exitCode(exitCode)}</span>}
      {(state === "interrupted" || state === "denied" || state === "stopped") && <Icon name="circle-slash" />}
      {(state === "denied" || state === "stopped") && <span aria-hidden="true">{strings.toolStates[state]}</span>}
      {state === "waiting" && <Icon name="bell-dot" />}
      <span class="sr-only">
        {state === "failed" && exitCode !== undefined ? strings.exitCode(exitCode) : strings.toolStates[state]}
      </span>
      {durationMs !== undefined && durationMs >= 100 && <span class="tool-time">{toDuration(durationMs)}</span>}
    </span>
  );
}

function ToolDetail({ call, output }: { call: ToolRowCall; output: string }) {
  const inputText = call.input === undefined ? "" : toInputText(call.name, call.input);
  const steps = call.name === "todo" ? toSteps(call.input) : [];
  const isOver = call.state !== "running" && call.state !== "waiting" && call.state !== "interrupted";
  return (
    <div class="tool-detail">
      {steps.length > 0 && <PlanSteps steps={steps} />}
      {steps.length === 0 && inputText !== "" && inputText !== "{}" && (
        <OutputText label={strings.toolInput} text={inputText} />
      )}
      {steps.length === 0 && output !== "" && (
        <OutputText label={strings.toolOutput} text={output} isError={call.state === "failed"} />
      )}
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
