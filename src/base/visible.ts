import { cutText } from "./cutText.ts";

// C0 and C1 controls but tab and newline, bidi marks, zero-width and tag characters, line separators.
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/** Shows characters that would hide or reorder text as `\u{...}`, so that what is approved is what is read. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`);
}

/** `visible`, on one line, cut to `max` characters with an ellipsis. */
export function visibleLine(text: string, max = 200): string {
  const line = visible(text)
    .replace(/\s*\n\s*/g, " ⏎ ")
    .trim();
  return cutText(line, max);
}
