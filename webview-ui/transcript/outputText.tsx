import { useMemo, useState } from "preact/hooks";
import { visible } from "../../src/base/text/visible.ts";
import { strings } from "../parts/strings.ts";

const CAP_LINES = 24;
const CAP_CHARS = 40_000;

/** Text of a tool in monospace, hidden characters made visible, the first lines until more is asked for. */
export function OutputText({ label, text, isError = false }: { label: string; text: string; isError?: boolean }) {
  const [isWhole, showWhole] = useState(false);
  const lines = useMemo(() => visible(text.replace(ANSI, "").replace(/\r\n/g, "\n").trimEnd()).split("\n"), [text]);
  const isLong = lines.length > CAP_LINES;
  const shown = (isWhole || !isLong ? lines : lines.slice(0, CAP_LINES)).join("\n").slice(0, CAP_CHARS);
  return (
    <div class={`output ${isError ? "error" : ""}`}>
      <div class="output-label">{label}</div>
      <pre tabIndex={0} role="region" aria-label={label}>
        {shown}
      </pre>
      {isLong && (
        <button type="button" class="link-button" onClick={() => showWhole(!isWhole)}>
          {isWhole ? strings.showLess : strings.showAll(lines.length)}
        </button>
      )}
    </div>
  );
}

/** Colour codes of terminals. */
// oxlint-disable-next-line no-control-regex
const ANSI = /\u001b\[[0-9;?]*[A-Za-z]/g;
