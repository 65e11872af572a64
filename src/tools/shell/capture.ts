import { headOf, tailOf } from "../../base/cutText.ts";

/** Output of which only the head and the tail are kept: where it began and how it ended. */
export interface Capture {
  add(text: string): void;
  /** All of it, or head and tail with a note of what is left out between them. */
  text(): string;
}

export function createCapture(maxChars: number): Capture {
  const half = Math.floor(maxChars / 2);
  let head = "";
  let isHeadFull = false;
  let tail = "";
  let dropped = 0;
  const cutTail = () => {
    const kept = tailOf(tail, half);
    dropped += tail.length - kept.length;
    tail = kept;
  };
  return {
    add(text) {
      const fits = isHeadFull ? "" : headOf(text, half - head.length);
      head += fits;
      isHeadFull ||= fits.length < text.length;
      tail += text.slice(fits.length);
      // Cut rarely: a cut for each piece would copy the tail each time.
      if (tail.length > half * 2) cutTail();
    },
    text() {
      if (tail.length > half) cutTail();
      return dropped === 0 ? head + tail : `${head}\n[... ${dropped} characters left out ...]\n${tail}`;
    },
  };
}
