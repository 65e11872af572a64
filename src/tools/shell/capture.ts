/** Output of which only the head and the tail are kept: where it began and how it ended. */
export interface Capture {
  add(text: string): void;
  /** All of it, or head and tail with a note of what is left out between them. */
  text(): string;
}

export function createCapture(maxChars: number): Capture {
  const half = Math.floor(maxChars / 2);
  let head = "";
  let tail = "";
  let dropped = 0;
  return {
    add(text) {
      const fits = text.slice(0, half - head.length);
      head += fits;
      tail += text.slice(fits.length);
      // Cut rarely: a cut for each piece would copy the tail each time.
      if (tail.length > half * 2) {
        dropped += tail.length - half;
        tail = tail.slice(-half);
      }
    },
    text() {
      const left = Math.max(tail.length - half, 0) + dropped;
      return left === 0 ? head + tail : `${head}\n[... ${left} characters left out ...]\n${tail.slice(-half)}`;
    },
  };
}
