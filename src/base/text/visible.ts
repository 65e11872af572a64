import { cutText, headOf } from "../cutText.ts";

// All that Unicode says is not drawn, controls but tab and newline, bidi marks, private use and lone surrogates; blanks
// other than the plain one, and signs that look like a blank.
const HIDDEN =
  /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Cs}\p{Co}\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufff9-\ufffb]|(?! )\p{Zs}|[\u2800\u{1d159}\u{13430}-\u{1345f}\u{1bca0}-\u{1bca3}]/gu;

/** Shows characters that would hide, reorder or fake a blank as `\u{...}`, so that what is approved is what is read. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`);
}

// What hides words from a reader or reorders them, and nothing that other writing needs: blanks of all kinds, joiners, signs
// that choose a picture.
const HIDING = /[\p{Bidi_Control}\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u{e0000}-\u{e007f}]/gu;

/** `visible` for data that may be written somewhere again: only what hides or reorders words is shown as `\u{...}`. */
export function visibleData(text: string): string {
  return text.replace(HIDING, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`);
}

/** `visible`, once, for a text that nobody made visible yet: what only reads like a hidden character shows its backslash as one. */
export function visibleOnce(text: string): string {
  return visible(text.replace(/\\(?=u\{)/g, "\\u{5c}"));
}

/** A name in quotes, on one line, cut to `max` characters: "a\u{202e}b"; a backslash of its own is doubled, as in JSON. */
export function quotedLine(text: string, max = 80): string {
  return visible(JSON.stringify(cutText(text, max)));
}

/** Of what is read to make a line of it, for each character that it may have: blanks are left out. */
const READ = 20;

/** `visible`, on one line, cut to `max` characters with an ellipsis; empty lines are left out. */
export function visibleLine(text: string, max = 200): string {
  const head = headOf(text, max * READ);
  const lines = visible(head)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return cutText(lines.join(" ⏎ ") + (head.length < text.length ? "…" : ""), max);
}
