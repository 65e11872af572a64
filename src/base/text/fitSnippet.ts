/** Of how many pairs of lines: beyond that nobody waits for it. */
const MOST_PAIRS = 4_000_000;
const TELLING = 100;
const COMMON = 20;
/** Of a line that would go: a bracket far away does not outweigh what lies between. */
const GONE = 1;

/** "// ... existing code ...", "# …", "...": what stands there stays. */
const STAYS = /^\s*(?:\/\/|#|--|\{?\/\*|<!--|[;%])?\s*(?:\.{3}|…)(?:\s|$)/;

/**
 * A text with a newer form of a part of it in that part's place, which is told by the lines that both have; where a line of it
 * is but an ellipsis, what stands there stays. Undefined where no place is told, or several are.
 */
export function fitSnippet(whole: string, snippet: string): string | undefined {
  const lines = whole.replaceAll("\r\n", "\n").split("\n");
  const given = snippet
    .replaceAll("\r\n", "\n")
    .replace(/^(?:[ \t]*\n)+/, "")
    .trimEnd()
    .split("\n");
  if (lines.length * given.length > MOST_PAIRS) return undefined;
  const wanted = indented(given, lines);
  const place = findPlace(lines, wanted);
  if (!place) return undefined;
  const text = [...lines.slice(0, place.start), ...place.lines, ...lines.slice(place.end)].join("\n");
  return whole.includes("\r\n") ? text.replaceAll("\n", "\r\n") : text;
}

interface Place {
  start: number;
  end: number;
  lines: string[];
}

/** How good the best way to one pair of lines is, where in the text that way began, and its last step. */
interface Cell {
  score: number;
  start: number;
  step: "begin" | "match" | "add" | "drop" | "keep";
}

/** The alignment of all wanted lines with a stretch of the text; what lies before and behind that stretch costs nothing. */
function findPlace(lines: string[], wanted: string[]): Place | undefined {
  const rows: Cell[][] = [lines.map((_, at): Cell => ({ score: 0, start: at, step: "begin" }))];
  rows[0]!.push({ score: 0, start: lines.length, step: "begin" });
  for (const want of wanted) {
    const above = rows.at(-1)!;
    const row: Cell[] = [];
    const stays = STAYS.test(want);
    for (let at = 0; at <= lines.length; at += 1) {
      let best: Cell = { ...above[at]!, step: stays ? "keep" : "add" };
      const left = row[at - 1];
      const skipped = left && left.score - (stays ? 0 : GONE);
      // Nothing is dropped before the first line that both have.
      if (left && skipped! > best.score && (stays || left.score > 0))
        best = { score: skipped!, start: left.start, step: stays ? "keep" : "drop" };
      const gain = at === 0 || stays ? 0 : gainOf(lines[at - 1]!, want);
      const before = above[at - 1];
      if (gain > 0 && before!.score + gain > best.score)
        best = { score: before!.score + gain, start: before!.score === 0 ? at - 1 : before!.start, step: "match" };
      row.push(best);
    }
    rows.push(row);
  }
  return toPlace(rows, lines, wanted);
}

function toPlace(rows: Cell[][], lines: string[], wanted: string[]): Place | undefined {
  const last = rows.at(-1)!;
  const best = last.reduce((most, { score }) => Math.max(most, score), 0);
  const ends = last.flatMap(({ score, start }, at) => (score === best ? [{ start, at }] : []));
  if (best < TELLING || new Set(ends.map(({ start }) => start)).size > 1) return undefined;
  let at = ends[0]!.at;
  const end = at;
  const found: string[] = [];
  let row = wanted.length;
  while (row > 0) {
    const { step } = rows[row]![at]!;
    const want = wanted[row - 1]!;
    const isFromLeft = step === "drop" || (step === "keep" && cameFromLeft(rows, row, at));
    if (step === "match")
      found.push(lines[at - 1]!.trim() === want.trim() && want.trim() === "" ? lines[at - 1]! : want);
    else if (step === "add") found.push(want);
    else if (step === "keep" && isFromLeft) found.push(lines[at - 1]!);
    if (step === "match" || isFromLeft) at -= 1;
    if (!isFromLeft) row -= 1;
  }
  return { start: at, end, lines: found.toReversed() };
}

function cameFromLeft(rows: Cell[][], row: number, at: number): boolean {
  const { score } = rows[row]![at]!;
  return at > 0 && rows[row]![at - 1]!.score === score && rows[row - 1]![at]!.score < score;
}

/** What says something tells where it stands, however it is indented; a bracket or an empty line only beside others. */
function gainOf(line: string, want: string): number {
  if (/[\p{L}\p{N}].*[\p{L}\p{N}]/u.test(want)) return line.trim() === want.trim() ? TELLING : 0;
  return line.trimEnd() === want.trimEnd() ? COMMON : 0;
}

/** As far in as it stands in the text: models often begin at the left. */
function indented(given: string[], lines: string[]): string[] {
  const places = new Map(lines.map((line) => [line.trim(), line]));
  for (const line of given) {
    const there = places.get(line.trim());
    if (there === undefined || gainOf(there, line) < TELLING) continue;
    const before = there.length - there.trimStart().length - (line.length - line.trimStart().length);
    const more = before > 0 ? there.slice(0, before) : "";
    return given.map((one) => (one.trim() === "" ? one : more + one));
  }
  return given;
}
