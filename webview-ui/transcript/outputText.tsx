import { useMemo, useState } from "preact/hooks";
import { visible } from "../../src/base/text/visible.ts";
import { strings } from "../parts/strings.ts";
import { toSlices, useGrowing } from "./useGrowing.ts";

const CAP_LINES = 24;
const CAP_CHARS = 40_000;

/** Text of a tool in monospace, hidden characters made visible, its beginning until more is asked for. */
export function OutputText({ label, text, isError = false }: { label: string; text: string; isError?: boolean }) {
  const [isWhole, showWhole] = useState(false);
  const lines = useMemo(() => visible(text.replace(ANSI, "").replace(/\r\n/g, "\n").trimEnd()).split("\n"), [text]);
  const head = useMemo(() => lines.slice(0, CAP_LINES).join("\n"), [lines]);
  const slices = useMemo(
    () => (isWhole ? toSlices(lines).map((slice) => slice.join("\n")) : [head.slice(0, CAP_CHARS)]),
    [lines, isWhole],
  );
  const drawn = useGrowing(slices, isWhole);
  const isLong = lines.length > CAP_LINES || head.length > CAP_CHARS;
  const all = lines.length > CAP_LINES ? strings.showAll(lines.length) : strings.showAllCharacters(head.length);
  return (
    <div class={`output ${isError ? "error" : ""}`}>
      <div class="output-label">{label}</div>
      <pre tabIndex={0} role="region" aria-label={label}>
        {slices.slice(0, drawn).map((slice, index) => (
          <span key={index} class="output-slice">
            {slice}
            {index < slices.length - 1 && "\n"}
          </span>
        ))}
      </pre>
      {isLong && (
        <button type="button" class="link-button" onClick={() => showWhole(!isWhole)}>
          {isWhole ? strings.showLess : all}
        </button>
      )}
    </div>
  );
}

/** Colour codes of terminals. */
// oxlint-disable-next-line no-control-regex
const ANSI = /\u001b\[[0-9;?]*[A-Za-z]/g;
