/**
 * Whether a sed script only prints, deletes and changes lines: it writes no file and starts nothing. False also for what
 * versions of sed read differently, and where it may not read other files and does.
 */
export function isPlainSed(script: string, mayRead = true): boolean {
  let at = 0;
  const end = script.length;
  while (at < end) {
    const char = script[at]!;
    if (/[\s;{}!,~+$\d]/.test(char)) {
      at += 1;
      continue;
    }
    if (char === "#") {
      at = lineEnd(script, at);
    } else if (char === "/" || char === "\\") {
      // An address: a pattern between slashes, or between others.
      const after = afterPart(script, char === "/" ? at + 1 : at + 2, char === "/" ? "/" : (script[at + 1] ?? ""));
      if (after === undefined) return false;
      at = after;
      while (script[at] === "I" || script[at] === "M") at += 1;
    } else if ("pPdDqQnNgGhHxlz=F".includes(char)) {
      at += 1;
    } else if (":btT".includes(char)) {
      // The name of a label ends at a blank for some, and a command begins behind it.
      at += 1;
      while (script[at] === " " || script[at] === "\t") at += 1;
      while (at < end && !/[\s;}]/.test(script[at]!)) at += 1;
    } else if ("aicrR".includes(char)) {
      if (!mayRead && "rR".includes(char)) return false;
      at = lineEnd(script, at);
    } else if (char === "s" || char === "y") {
      const mark = script[at + 1] ?? "";
      const middle = mark === "" || /[\s\\]/.test(mark) ? undefined : afterPart(script, at + 2, mark);
      const after = middle === undefined ? undefined : afterPart(script, middle, mark);
      if (after === undefined) return false;
      at = after;
      if (char === "s") at += /^[gpiIM\d]*/.exec(script.slice(at, at + 20))![0].length;
      if (at < end && !/[\s;}#]/.test(script[at]!)) return false;
      if (/^[ \t]+[^\s;}#]/.test(script.slice(at, at + 20))) return false;
    } else return false;
  }
  return true;
}

/** Behind the next mark that is not escaped; undefined where there is none, or it may stand in brackets. */
function afterPart(script: string, from: number, mark: string): number | undefined {
  if (mark === "" || mark === "\n") return undefined;
  let isBracketed = false;
  for (let at = from; at < script.length; at += 1) {
    const char = script[at]!;
    if (char === "\\") at += 1;
    else if (char === mark) return isBracketed ? undefined : at + 1;
    else if (char === "[") isBracketed = true;
    else if (char === "]") isBracketed = false;
  }
  return undefined;
}

function lineEnd(script: string, from: number): number {
  const end = script.indexOf("\n", from);
  return end < 0 ? script.length : end;
}
