import { useEffect, useRef } from "preact/hooks";
import { sumTokens, toCount, toPercent, toSessionCost } from "../parts/format.ts";
import { Icon } from "../parts/icon.tsx";
import { usePanel } from "../state/panelContext.ts";
import { strings } from "../parts/strings.ts";
import type { SessionFigures } from "../state/panelRoutes.ts";

/** Model, tokens, cost and context of the shown session. */
export function Footer() {
  const { session, gateway } = usePanel();
  const figures = session.figures.value;
  const model = figures?.model;
  const pick = () =>
    session.attempt(async () => {
      await gateway.call("editor.pickModel", { sessionKey: session.key.value });
      await session.refreshFigures();
    });
  return (
    <footer class="footer">
      <button
        type="button"
        class={figures ? "model-button" : "model-button unknown"}
        aria-label={strings.modelOf(model ?? strings.noModel)}
        title={model}
        onClick={() => void pick()}
      >
        <span class="model-name">{model ? model.slice(model.indexOf("/") + 1) : strings.noModel}</span>
        <Icon name="chevron-down" />
      </button>
      {figures && <Mode figures={figures} />}
      {figures && figures.instructions.length + figures.skills.length > 0 && <Instructions figures={figures} />}
      {figures && <Figures figures={figures} />}
    </footer>
  );
}

/** What is done unasked in this session, and the way to another. */
function Mode({ figures: { mode, config } }: { figures: SessionFigures }) {
  const { session, gateway } = usePanel();
  const pick = () =>
    session.attempt(async () => {
      await gateway.call("editor.pickMode", { sessionKey: session.key.value });
      await session.refreshFigures();
    });
  // What is chosen for a session keeps to the sandbox; the configuration's own "auto" need not.
  const words = strings.modes[mode === "auto" && config.approvals !== "auto" ? "sandboxed" : mode];
  const label = strings.modeOf(words);
  return (
    <button type="button" class="model-button mode" aria-label={label} title={label} onClick={() => void pick()}>
      <Icon name={MODE_ICONS[mode]} />
      <span class="mode-name">{words}</span>
      <Icon name="chevron-down" />
    </button>
  );
}

const MODE_ICONS: Record<SessionFigures["mode"], string> = {
  ask: "shield",
  "auto-safe": "pass",
  auto: "rocket",
  plan: "lightbulb",
  deny: "circle-slash",
};

/** Which files of instructions and which skills the session's model is told; the files are opened where the editor has them. */
function Instructions({ figures: { instructions: files, skills } }: { figures: SessionFigures }) {
  const { session, gateway } = usePanel();
  const label = strings.instructionsInUse(files.length, skills.length);
  const list = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const closeOutside = ({ target }: PointerEvent) => {
      if (list.current && !list.current.contains(target as Node)) list.current.open = false;
    };
    document.addEventListener("pointerdown", closeOutside);
    return () => document.removeEventListener("pointerdown", closeOutside);
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !list.current?.open) return;
    list.current.open = false;
    list.current.querySelector("summary")?.focus();
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <details class="instructions" ref={list} onKeyDown={onKeyDown}>
      <summary title={label} aria-label={label}>
        <Icon name="book" />
        {files.length + skills.length}
      </summary>
      <ul>
        {files.map(({ path, name, from, problem }) => (
          <li key={path}>
            {from === "workspace" ? (
              <button
                type="button"
                class="quiet-toggle"
                onClick={() => void session.attempt(() => gateway.call("editor.openFile", { path }))}
              >
                {name}
              </button>
            ) : (
              <span title={path}>{name}</span>
            )}
            {problem && <span class="problem">{problem}</span>}
          </li>
        ))}
        {skills.map((name) => (
          <li key={`skill ${name}`}>{strings.skillOf(name)}</li>
        ))}
      </ul>
    </details>
  );
}

function Figures({ figures: { usage, context } }: { figures: SessionFigures }) {
  const tokens = sumTokens(usage);
  const cost = toSessionCost(usage);
  const detail = strings.tokensInDetail(
    toCount(usage.inputTokens),
    toCount(usage.outputTokens),
    toCount(usage.cacheReadTokens),
  );
  return (
    <span class="figures">
      {tokens > 0 && <span title={detail}>{strings.tokens(toCount(tokens))}</span>}
      {tokens > 0 && cost && <span title={usage.costUsd === null ? strings.costInPart : undefined}>{cost}</span>}
      {context.percent !== null && context.windowTokens !== null && tokens > 0 && (
        <ContextRing percent={context.percent} used={context.usedTokens} window={context.windowTokens} />
      )}
    </span>
  );
}

function ContextRing({ percent, used, window }: { percent: number; used: number; window: number }) {
  const shown = Math.min(100, Math.round(percent));
  const label = strings.contextUsed(toPercent(shown), toCount(used), toCount(window));
  const level = shown >= 90 ? "full" : shown >= 75 ? "high" : "";
  return (
    <span class={`context ${level}`} title={label} role="img" aria-label={label}>
      <span class="ring" style={{ "--used": `${shown}%` }} />
      {toPercent(shown)}
    </span>
  );
}
