import { computed, signal } from "@preact/signals";

type Line = "connecting" | "open" | "away";

/** How the page is connected, by the streams that it follows. */
export function createPhoneLine() {
  const streams = signal<ReadonlyMap<object, Line>>(new Map());
  return {
    /** Open where all streams are, away where none is. */
    line: computed((): Line => {
      const known = [...streams.value.values()];
      if (known.includes("open")) return known.every((one) => one === "open") ? "open" : "connecting";
      return known.includes("away") ? "away" : "connecting";
    }),
    put(stream: object, line: Line) {
      streams.value = new Map(streams.value).set(stream, line);
    },
    /** It is followed no more. */
    drop(stream: object) {
      streams.value = new Map([...streams.value].filter(([one]) => one !== stream));
    },
  };
}
