import { structuredPatch } from "diff";
import { useMemo, useState } from "preact/hooks";
import { visible } from "../../src/base/text/visible.ts";
import { strings } from "../parts/strings.ts";
import { toSlices, useGrowing } from "./useGrowing.ts";

const CAP_LINES = 60;
// Two texts that have little in common take for ever to compare.
const COMPARE_MS = 300;

/** The changed lines of a file with a little of what is around them. */
export function DiffView({ path, before, after }: { path: string; before: string; after: string }) {
  const lines = useMemo(() => toLines(before, after), [before, after]);
  const [isWhole, setWhole] = useState(false);
  const slices = useMemo(() => toSlices(isWhole ? lines : lines.slice(0, CAP_LINES)), [lines, isWhole]);
  const drawn = useGrowing(slices, isWhole);
  const count = (kind: DiffLine["kind"]) => lines.filter((line) => line.kind === kind).length;
  return (
    <div class="diff">
      <div class="diff-head">
        <span class="diff-path" title={path}>
          <bdi>{visible(path)}</bdi>
        </span>
        {before === "" && <span class="diff-new">{strings.newFile}</span>}
        <span class="diff-count">
          <Count class="added" sign="+" count={count("added")} say={strings.linesAdded} />
          <Count class="removed" sign="−" count={count("removed")} say={strings.linesRemoved} />
        </span>
      </div>
      <pre tabIndex={0} role="region" aria-label={path}>
        {slices.slice(0, drawn).map((slice, index) => (
          <DiffSlice key={index} lines={slice} />
        ))}
      </pre>
      {lines.length > CAP_LINES && (
        <button type="button" class="link-button" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? strings.showLess : strings.showAll(lines.length)}
        </button>
      )}
    </div>
  );
}

/** Lines that are laid out together, and only when they come near what is in sight. */
function DiffSlice({ lines }: { lines: DiffLine[] }) {
  return useMemo(
    () => (
      <span class="diff-slice" style={{ containIntrinsicBlockSize: `auto calc(${lines.length} * 1lh)` }}>
        {lines.map(({ kind, text }, index) => (
          <span key={index} class={`diff-line ${kind}`}>
            <span class="diff-sign">{SIGNS[kind]}</span>
            {visible(text)}
            {"\n"}
          </span>
        ))}
      </span>
    ),
    [lines],
  );
}

function Count(props: { class: string; sign: string; count: number; say: (count: number) => string }) {
  return (
    <span class={props.class}>
      <span aria-hidden="true">
        {props.sign}
        {props.count}
      </span>
      <span class="sr-only">{props.say(props.count)}</span>
    </span>
  );
}

interface DiffLine {
  kind: "added" | "removed" | "same" | "gap";
  text: string;
}

const SIGNS: Record<DiffLine["kind"], string> = { added: "+", removed: "−", same: " ", gap: " " };

function toLines(given: string, wanted: string): DiffLine[] {
  // Of a file whose lines end so before and after nobody has to be told at each line.
  const isCrlf = [given, wanted].every((text) => !/(?<!\r)\n/.test(text));
  const shown = (text: string) => (isCrlf ? text.replaceAll("\r\n", "\n") : text);
  const [before, after] = [shown(given), shown(wanted)];
  const patch = structuredPatch("", "", before, after, "", "", { context: 3, timeout: COMPARE_MS });
  if (!patch) return [...allOf("removed", before), ...allOf("added", after)];
  return patch.hunks.flatMap(({ lines }, index) => [
    ...(index > 0 ? [{ kind: "gap" as const, text: "⋯" }] : []),
    ...lines.filter((line) => !line.startsWith("\\")).map(toLine),
  ]);
}

function allOf(kind: DiffLine["kind"], text: string): DiffLine[] {
  return text === ""
    ? []
    : text
        .replace(/\n$/, "")
        .split("\n")
        .map((line) => ({ kind, text: line }));
}

function toLine(line: string): DiffLine {
  const kind = line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : "same";
  return { kind, text: line.slice(1) };
}
